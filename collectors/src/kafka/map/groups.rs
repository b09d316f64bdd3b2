//! Consumer groups: who they are on this visit, and their figures.

use std::collections::{BTreeSet, HashMap};

use brokerscope_contract::metrics::{
    ACKNOWLEDGED, CONSUMERS, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, KAFKA_RETENTION_RATIO, LAG, LAG_SECONDS,
    LOSS_SECONDS, PUBLISHED,
};
use brokerscope_contract::{Entity, EntityKey, EntityKind, Method, Sample, Snapshot};

use super::super::lag::Behind;
use super::super::memory::GroupMemory;
use super::super::reader::{GroupPosition, PartitionPosition, Together, TopicPosition, together};
use super::super::wire::Member;
use super::{Sight, group_entities, measure, names};

pub fn key(group: &str) -> EntityKey {
    EntityKey::new(EntityKind::ConsumerGroup, [group])
}

pub fn topic_key(group: &str, topic: &str) -> EntityKey {
    EntityKey::new(EntityKind::GroupTopic, [group, topic])
}

pub fn partition_key(group: &str, topic: &str, partition: i32) -> EntityKey {
    EntityKey::new(
        EntityKind::GroupPartition,
        [group, topic, partition.to_string().as_str()],
    )
}

pub fn service_key(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Service, [name])
}

/// Members of a group, unless its description failed.
pub fn members(group: &GroupMemory) -> Option<&[Member]> {
    match (&group.described, &group.trouble) {
        (Some(described), None) => Some(&described.members),
        _ => None,
    }
}

/// The application behind a member. The consumers of a sink connector are the connector's.
pub fn service<'a>(sight: Sight<'_>, group: &str, member: &'a Member) -> Option<&'a str> {
    match sight.memory.connect.reader(group) {
        Some(_) => None,
        None => names::service(&member.client),
    }
}

pub fn add(sight: Sight<'_>, snapshot: &mut Snapshot) {
    let positions: HashMap<&str, &GroupPosition> = sight
        .visit
        .positions
        .iter()
        .filter_map(|(name, position)| Some((name.as_str(), position.as_ref().ok()?)))
        .collect();
    let mut services = BTreeSet::new();
    for (name, group) in &sight.memory.groups {
        let position = positions.get(name.as_str()).copied();
        if sight.visit.inventory || sight.visit.described.contains(name) {
            snapshot.entities.push(group_entities::group(name, group, position));
            for member in members(group).unwrap_or_default() {
                snapshot.entities.push(group_entities::member(name, member));
                services.extend(service(sight, name, member));
            }
        }
        // Only as fresh as the description: repeated until the next one, a minute later at most.
        measure(
            snapshot,
            &key(name),
            CONSUMERS,
            members(group).map(|members| members.len() as f64),
        );
        if let Some(position) = position {
            samples(name, position, snapshot);
            if sight.visit.inventory || sight.visit.announced.contains(name) {
                group_entities::parts(sight, name, group, position, snapshot);
            }
        }
    }
    snapshot
        .entities
        .extend(services.into_iter().map(|name| Entity::new(service_key(name))));
}

fn samples(name: &str, position: &GroupPosition, snapshot: &mut Snapshot) {
    let all = position.topics.iter().flat_map(|topic| &topic.partitions);
    // An unreadable commit hides a part of the lag, so there is no sum.
    if position.unreadable == 0 {
        lag_samples(&key(name), &together(all), snapshot);
    }
    measure(snapshot, &key(name), PUBLISHED, position.published);
    measure(snapshot, &key(name), ACKNOWLEDGED, position.acknowledged);
    for topic in &position.topics {
        topic_samples(name, topic, snapshot);
    }
}

fn topic_samples(group: &str, topic: &TopicPosition, snapshot: &mut Snapshot) {
    let key = topic_key(group, &topic.topic);
    lag_samples(&key, &together(topic.partitions.iter()), snapshot);
    measure(snapshot, &key, PUBLISHED, topic.published);
    measure(snapshot, &key, ACKNOWLEDGED, Some(topic.acknowledged));
    // Sums of offsets only while they cover the same partitions, which is all of them: a partition that joins
    // later would make them jump by all that it ever held.
    if topic.partitions.len() == topic.of {
        let committed: i64 = topic.partitions.iter().map(|partition| partition.committed).sum();
        let end: Option<i64> = topic.partitions.iter().map(|partition| partition.end).sum();
        measure(snapshot, &key, KAFKA_COMMITTED_OFFSET, Some(committed as f64));
        measure(snapshot, &key, KAFKA_END_OFFSET, end.map(|end| end as f64));
    }
    for partition in &topic.partitions {
        partition_samples(
            &partition_key(group, &topic.topic, partition.partition),
            partition,
            snapshot,
        );
    }
}

fn partition_samples(key: &EntityKey, partition: &PartitionPosition, snapshot: &mut Snapshot) {
    measure(snapshot, key, KAFKA_COMMITTED_OFFSET, Some(partition.committed as f64));
    measure(snapshot, key, KAFKA_END_OFFSET, partition.end.map(|end| end as f64));
    measure(snapshot, key, LAG, partition.lag().map(|lag| lag as f64));
    lag_in_time(key, partition.behind, snapshot);
}

fn lag_samples(key: &EntityKey, together: &Together, snapshot: &mut Snapshot) {
    measure(snapshot, key, LAG, together.messages.map(|lag| lag as f64));
    lag_in_time(key, together.time, snapshot);
    measure(snapshot, key, KAFKA_RETENTION_RATIO, together.retention_ratio);
    if let Some(seconds) = together.loss_seconds {
        snapshot.samples.push(Sample {
            method: Some(Method::Estimated),
            ..Sample::new(key.clone(), LOSS_SECONDS, seconds)
        });
    }
}

fn lag_in_time(key: &EntityKey, behind: Option<Behind>, snapshot: &mut Snapshot) {
    if let Some(Behind::Known { seconds, method }) = behind {
        snapshot.samples.push(Sample {
            method: Some(method),
            ..Sample::new(key.clone(), LAG_SECONDS, seconds)
        });
    }
}
