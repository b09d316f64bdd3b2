//! Topics and their partitions.

use brokerscope_contract::metrics::{
    KAFKA_END_OFFSET, KAFKA_OFFLINE, KAFKA_PARTITIONS, KAFKA_START_OFFSET, KAFKA_UNDER_REPLICATED, PUBLISHED,
};
use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Snapshot};
use brokerscope_figures::format::{bytes, duration};

use super::super::registry;
use super::super::wire::{Partition, Topic, TopicConfig};
use super::names::is_internal;
use super::{Sight, measure};

pub fn key(topic: &str) -> EntityKey {
    EntityKey::new(EntityKind::Topic, [topic])
}

pub fn partition_key(topic: &str, partition: i32) -> EntityKey {
    EntityKey::new(EntityKind::Partition, [topic.to_string(), partition.to_string()])
}

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let describe = sight.visit.inventory || sight.visit.shape_changed;
    for topic in sight.topics() {
        let internal = is_internal(&topic.name);
        if describe {
            snapshot.entities.push(entity(sight, topic, internal));
        }
        samples(sight, topic, snapshot);
        for partition in &topic.partitions {
            let key = partition_key(&topic.name, partition.id);
            if describe {
                snapshot
                    .entities
                    .push(partition_entity(&key, &topic.name, partition, internal));
            }
            let end = sight.visit.ends.get(&topic.name, partition.id);
            measure(snapshot, &key, KAFKA_END_OFFSET, end.map(|end| end as f64));
            // Starts are asked for with the inventory only; between, the last value stands.
            if sight.visit.inventory {
                let start = sight.memory.starts.get(&topic.name, partition.id);
                measure(snapshot, &key, KAFKA_START_OFFSET, start.map(|start| start as f64));
            }
        }
    }
}

/// What waits in a topic depends on who reads it, so a topic has no depth: its groups have lag.
fn samples(sight: Sight<'_>, topic: &Topic, snapshot: &mut Snapshot) {
    let key = key(&topic.name);
    let count = |n: usize| Some(n as f64);
    let partitions = &topic.partitions;
    // A topic whose partitions could not be told has an error instead, and none of these numbers.
    if !partitions.is_empty() {
        measure(snapshot, &key, KAFKA_PARTITIONS, count(partitions.len()));
        measure(
            snapshot,
            &key,
            KAFKA_OFFLINE,
            count(partitions.iter().filter(|p| p.is_offline()).count()),
        );
        let under = partitions.iter().filter(|p| p.is_under_replicated()).count();
        measure(snapshot, &key, KAFKA_UNDER_REPLICATED, count(under));
    }
    // Only with every partition: a sum of some would fall and then jump back.
    let end = sight.visit.ends.sum(topic);
    measure(snapshot, &key, KAFKA_END_OFFSET, end.map(|end| end as f64));
    measure(
        snapshot,
        &key,
        PUBLISHED,
        sight.visit.published.get(&topic.name).copied(),
    );
}

fn entity(sight: Sight<'_>, topic: &Topic, internal: bool) -> Entity {
    let mut entity = Entity::new(key(&topic.name));
    entity.internal = internal;
    entity
        .attributes
        .push(Attribute::new("partitions", topic.partitions.len().to_string()));
    if let Some(factor) = topic.partitions.iter().map(|p| p.replicas.len()).min() {
        let attribute = Attribute::new("replication.factor", factor.to_string());
        entity.attributes.push(match factor {
            1 if sight.visit.metadata.brokers.len() > 1 => {
                attribute.note("one copy only: when its broker is down, so is the partition")
            }
            _ => attribute,
        });
    }
    if let Some(Ok(config)) = sight.memory.configs.get(&topic.name) {
        entity.attributes.extend(config_attributes(config));
    }
    entity
        .attributes
        .extend(registry::map::attributes(&sight.memory.registry, &topic.name));
    entity
}

fn config_attributes(config: &TopicConfig) -> Vec<Attribute> {
    let shown = [
        "cleanup.policy",
        "retention.ms",
        "retention.bytes",
        "min.insync.replicas",
        "max.message.bytes",
    ];
    shown
        .into_iter()
        .filter_map(|name| {
            let entry = config.entries.get(name)?;
            let mut note = meaning(name, config).unwrap_or_default();
            if !entry.own {
                note = [note.as_str(), "broker default"]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("; ");
            }
            let attribute = Attribute::new(name, &entry.value);
            Some(if note.is_empty() {
                attribute
            } else {
                attribute.note(note)
            })
        })
        .collect()
}

fn meaning(name: &str, config: &TopicConfig) -> Option<String> {
    let number = config.number(name);
    let policy = config.text("cleanup.policy").unwrap_or_default();
    match (name, number) {
        ("cleanup.policy", _) if policy.contains("compact") && policy.contains("delete") => {
            Some("only the newest message of each key is kept, and old ones are removed as well".into())
        }
        ("cleanup.policy", _) if policy.contains("compact") => {
            Some("only the newest message of each key is kept: lag counts messages that are no longer there".into())
        }
        ("retention.ms" | "retention.bytes", _) if !policy.is_empty() && !policy.contains("delete") => {
            Some("without effect: this topic is compacted, not deleted from".into())
        }
        ("retention.ms", Some(..0)) => Some("no limit by age".into()),
        ("retention.ms", Some(ms)) => Some(format!(
            "messages older than {} are removed",
            duration(ms as f64 / 1000.0)
        )),
        ("retention.bytes", Some(..0)) => Some("no limit by size".into()),
        ("retention.bytes", Some(size)) => Some(format!(
            "beyond {} per partition the oldest messages are removed",
            bytes(size as f64)
        )),
        ("min.insync.replicas", Some(least)) => Some(format!(
            "with fewer than {least} in sync, writes that want all acknowledgements are refused"
        )),
        ("max.message.bytes", Some(size)) => Some(format!("larger batches than {} are refused", bytes(size as f64))),
        _ => None,
    }
}

fn partition_entity(key: &EntityKey, topic: &str, partition: &Partition, internal: bool) -> Entity {
    let list = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let leader = match partition.leader {
        None => Attribute::new("leader", "none").note("offline: nothing can be written or read"),
        Some(id) if partition.replicas.first().is_some_and(|first| *first != id) => {
            Attribute::new("leader", id.to_string()).note("not the preferred one, which is the first replica")
        }
        Some(id) => Attribute::new("leader", id.to_string()),
    };
    let isr = Attribute::new("in-sync replicas", list(&partition.isr));
    Entity {
        key: key.clone(),
        parent: Some(self::key(topic)),
        attributes: vec![
            leader,
            Attribute::new("replicas", list(&partition.replicas)),
            if partition.is_under_replicated() {
                isr.note("fewer than there are replicas")
            } else {
                isr
            },
        ],
        internal,
        stands_for: None,
    }
}
