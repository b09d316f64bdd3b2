//! Snapshots from answers that real brokers gave, whole and broken.

mod connect;
mod groups;
mod partial;
mod topics;

use brokerscope_contract::metrics::{
    ACKNOWLEDGED, CONSUMERS, DEPTH, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, KAFKA_LEADERS, KAFKA_OFFLINE,
    KAFKA_PARTITIONS, KAFKA_START_OFFSET, KAFKA_UNDER_REPLICATED, LAG, LAG_SECONDS, PUBLISHED, UP,
};
use brokerscope_contract::{Absence, Attribute, Entity, Evidence, LinkKind, Method, Status, Warning};
use serde_json::json;

use super::super::config;
use super::super::recorded::Recorded;
use super::super::wire::Trouble;
use super::*;

const FIRST: Timestamp = Timestamp(1_700_000_000_000);

fn everything() -> Config {
    settings(json!({"bootstrap_servers": ["a:1"]}))
}

fn settings(settings: serde_json::Value) -> Config {
    config::parse(&serde_json::from_value(settings).unwrap()).ok().unwrap()
}

fn first_visit(name: &str) -> Snapshot {
    Recorded::load(name).visit(&mut Memory::default(), &everything(), FIRST, true)
}

fn key(kind: EntityKind, path: &[&str]) -> EntityKey {
    EntityKey::new(kind, path.iter().copied())
}

fn group(name: &str) -> EntityKey {
    key(EntityKind::ConsumerGroup, &[name])
}

fn topic(name: &str) -> EntityKey {
    key(EntityKind::Topic, &[name])
}

fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut values = snapshot
        .samples
        .iter()
        .filter(|s| s.entity == *entity && s.metric == metric);
    let first = values.next().map(|sample| sample.value);
    assert!(values.next().is_none(), "{metric} of {entity:?} is there twice");
    first
}

fn entity<'a>(snapshot: &'a Snapshot, key: &EntityKey) -> &'a Entity {
    let found: Vec<_> = snapshot.entities.iter().filter(|entity| entity.key == *key).collect();
    assert_eq!(found.len(), 1, "{key:?}");
    found[0]
}

fn attribute<'a>(snapshot: &'a Snapshot, key: &EntityKey, name: &str) -> &'a Attribute {
    let attributes = &entity(snapshot, key).attributes;
    attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .unwrap_or_else(|| panic!("{key:?} has no {name}"))
}

fn warnings_about<'a>(snapshot: &'a Snapshot, key: &EntityKey) -> Vec<&'a Warning> {
    snapshot
        .warnings
        .iter()
        .filter(|warning| warning.entity.as_ref() == Some(key))
        .collect()
}

fn status(snapshot: &Snapshot, check: &str) -> Status {
    let cluster = EntityKey::cluster();
    snapshot
        .checks
        .iter()
        .find(|result| result.check.0 == check && result.entity == cluster)
        .unwrap()
        .status
}
