//! The cluster and its brokers.

use std::collections::HashMap;

use brokerscope_contract::metrics::{KAFKA_LEADERS, KAFKA_OFFLINE, KAFKA_PARTITIONS, KAFKA_UNDER_REPLICATED, UP};
use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Snapshot};

use super::super::registry;
use super::super::vendor::Vendor;
use super::super::wire::{Broker, Survey};
use super::{Sight, measure};

pub fn key(id: i32) -> EntityKey {
    EntityKey::new(EntityKind::Node, [id.to_string()])
}

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let metadata = &sight.visit.metadata;
    let partitions = || metadata.topics.iter().flat_map(|topic| &topic.partitions);
    let mut leaders: HashMap<i32, usize> = HashMap::new();
    for leader in partitions().filter_map(|partition| partition.leader) {
        *leaders.entry(leader).or_default() += 1;
    }
    for id in sight.broker_ids() {
        let broker = metadata.brokers.iter().find(|broker| broker.id == id);
        let key = key(id);
        if sight.visit.inventory || sight.visit.shape_changed {
            snapshot.entities.push(entity(sight, id, broker));
        }
        let answers = broker.is_some() && !sight.visit.ends.silent.contains_key(&id);
        measure(snapshot, &key, UP, Some(if answers { 1.0 } else { 0.0 }));
        if broker.is_some() {
            let led = leaders.get(&id).copied().unwrap_or(0);
            measure(snapshot, &key, KAFKA_LEADERS, Some(led as f64));
        }
    }
    let cluster = EntityKey::cluster();
    let count = |n: usize| Some(n as f64);
    measure(snapshot, &cluster, KAFKA_PARTITIONS, count(partitions().count()));
    measure(
        snapshot,
        &cluster,
        KAFKA_OFFLINE,
        count(partitions().filter(|p| p.is_offline()).count()),
    );
    measure(
        snapshot,
        &cluster,
        KAFKA_UNDER_REPLICATED,
        count(partitions().filter(|p| p.is_under_replicated()).count()),
    );
    if sight.visit.inventory {
        snapshot.entities.push(cluster_entity(sight));
    }
}

fn entity(sight: Sight<'_>, id: i32, broker: Option<&Broker>) -> Entity {
    let mut entity = Entity::new(key(id));
    let Some(broker) = broker else {
        let state = Attribute::new("registered", "no");
        entity
            .attributes
            .push(state.note("it holds replicas, but the cluster does not list it as alive"));
        return entity;
    };
    let address = format!("{}:{}", broker.host, broker.port);
    entity
        .attributes
        .push(Attribute::new("advertised.listeners", address).note("where clients are sent to reach it"));
    let described = sight.visit.cluster.as_ref().ok();
    let rack = described
        .and_then(|cluster| cluster.brokers.iter().find(|other| other.id == id))
        .and_then(|other| other.rack.clone());
    if let Some(rack) = rack {
        entity.attributes.push(Attribute::new("broker.rack", rack));
    }
    entity
}

fn cluster_entity(sight: Sight<'_>) -> Entity {
    let mut entity = Entity::new(EntityKey::cluster());
    if let Ok(cluster) = &sight.visit.cluster {
        if let Some(id) = &cluster.id {
            entity.attributes.push(Attribute::new("cluster.id", id));
        }
        if let Some(controller) = cluster.controller {
            let controller = Attribute::new("controller", controller.to_string());
            entity
                .attributes
                .push(controller.note(sight.vendor().meaning_of_controller()));
        }
    }
    if sight.vendor() == Vendor::Redpanda {
        entity.attributes.push(
            Attribute::new("broker", "Redpanda")
                .note("by the cluster's id; its version is not told in Kafka's protocol"),
        );
    }
    let lacks = sight.memory.survey.as_ref().map(Survey::lacks).unwrap_or_default();
    if !lacks.is_empty() {
        entity.attributes.push(
            Attribute::new("not offered", lacks.join(", ")).note(format!("not supported by {}", sight.vendor().who())),
        );
    }
    if let Some(worker) = sight.memory.connect.worker() {
        entity.attributes.push(Attribute::new("Kafka Connect", &worker.version));
    }
    let topics = sight.visit.metadata.topics.iter().map(|topic| topic.name.as_str());
    entity
        .attributes
        .extend(registry::map::summary(&sight.memory.registry, topics));
    entity
}
