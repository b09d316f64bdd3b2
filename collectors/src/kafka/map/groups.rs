//! Consumer groups, what each reads, and their members.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::metrics::{
    ACKNOWLEDGED, CONSUMERS, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, KAFKA_RETENTION_RATIO, LAG, LAG_SECONDS,
    LOSS_SECONDS,
};
use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Method, Sample, Snapshot};
use brokerscope_figures::format::count;

use super::super::lag::Behind;
use super::super::memory::GroupMemory;
use super::super::reader::{GroupPosition, PartitionPosition, Together, TopicPosition, together};
use super::super::wire::{Group, GroupProtocol, GroupState, Member};
use super::{Sight, measure, names};

pub fn key(group: &str) -> EntityKey {
    EntityKey::new(EntityKind::ConsumerGroup, [group])
}

fn topic_key(group: &str, topic: &str) -> EntityKey {
    EntityKey::new(EntityKind::GroupTopic, [group, topic])
}

fn partition_key(group: &str, topic: &str, partition: i32) -> EntityKey {
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
            snapshot.entities.push(entity(name, group, position));
            for member in members(group).unwrap_or_default() {
                snapshot.entities.push(member_entity(name, member));
                services.extend(names::service(&member.client));
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
                parts(sight, name, group, position, snapshot);
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
    if !position.topics.is_empty() {
        let acknowledged = position.topics.iter().map(|topic| topic.acknowledged).sum();
        measure(snapshot, &key(name), ACKNOWLEDGED, Some(acknowledged));
    }
    for topic in &position.topics {
        topic_samples(name, topic, snapshot);
    }
}

fn topic_samples(group: &str, topic: &TopicPosition, snapshot: &mut Snapshot) {
    let key = topic_key(group, &topic.topic);
    lag_samples(&key, &together(topic.partitions.iter()), snapshot);
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

fn entity(name: &str, group: &GroupMemory, position: Option<&GroupPosition>) -> Entity {
    let mut entity = Entity::new(key(name));
    let state = group.state();
    let attribute = Attribute::new("state", state.word());
    let mut attributes = vec![match state_meaning(state) {
        Some(meaning) => attribute.note(meaning),
        None => attribute,
    }];
    match group.protocol() {
        GroupProtocol::Classic => attributes.push(Attribute::new("protocol", "classic")),
        GroupProtocol::Consumer => {
            let protocol = Attribute::new("protocol", "consumer");
            attributes.push(protocol.note("the consumer protocol of KIP-848: the broker assigns partitions"));
        }
        GroupProtocol::Unknown => {}
    }
    attributes.extend(group.described.as_ref().map(description).unwrap_or_default());
    if let Some(position) = position {
        let uncommitted: usize = position.topics.iter().map(|topic| topic.uncommitted).sum();
        if uncommitted > 0 {
            let attribute = Attribute::new("partitions without a commit", count(uncommitted as f64));
            attributes
                .push(attribute.note("they hold messages, and where the group stands in them is not known: no lag"));
        }
        if position.elsewhere > 0 {
            let attribute = Attribute::new("other topics with commits", count(position.elsewhere as f64));
            attributes.push(attribute.note("deleted, not visible to this login, or not watched"));
        }
    }
    entity.attributes = attributes;
    entity
}

fn description(group: &Group) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    if !group.assignor.is_empty() {
        attributes.push(Attribute::new("assignor", &group.assignor));
    }
    if let Some(coordinator) = group.coordinator {
        let attribute = Attribute::new("coordinator", coordinator.to_string());
        attributes.push(attribute.note("the broker that keeps this group's members and commits"));
    }
    attributes
}

fn state_meaning(state: GroupState) -> Option<&'static str> {
    match state {
        GroupState::Unknown => Some("the broker does not tell"),
        GroupState::PreparingRebalance => Some("members are joining or leaving; nobody reads until it is done"),
        GroupState::CompletingRebalance => Some("members wait to be told their partitions"),
        GroupState::Reconciling => Some("partitions are being assigned or handed over (Assigning or Reconciling)"),
        GroupState::Empty => Some("no members; its commits are kept for a while"),
        GroupState::Dead => Some("no members and no commits"),
        GroupState::Stable => None,
    }
}

fn member_entity(group: &str, member: &Member) -> Entity {
    let mut entity = Entity::new(EntityKey::new(EntityKind::Member, [group, member.id.as_str()]));
    entity.parent = Some(key(group));
    entity.attributes.push(Attribute::new("client.id", &member.client));
    // Kafka writes an address the way Java prints one: with a slash where the name would be.
    entity
        .attributes
        .push(Attribute::new("host", member.host.trim_start_matches('/')));
    if let Some(instance) = &member.instance {
        let attribute = Attribute::new("group.instance.id", instance);
        entity
            .attributes
            .push(attribute.note("a static member: it may restart without a rebalance"));
    }
    let assigned = Attribute::new("assignment", assignment(&member.assignment));
    entity.attributes.push(if member.assignment.is_empty() {
        assigned.note("no partition is assigned: more members than partitions, or a rebalance")
    } else {
        assigned
    });
    entity
}

/// "orders 0–3, 7; payments 1".
fn assignment(assignment: &BTreeMap<String, Vec<i32>>) -> String {
    if assignment.is_empty() {
        return "none".into();
    }
    let topics: Vec<String> = assignment
        .iter()
        .map(|(topic, partitions)| format!("{topic} {}", ranges(partitions)))
        .collect();
    topics.join("; ")
}

/// Sorted numbers with runs drawn together.
fn ranges(numbers: &[i32]) -> String {
    let runs: Vec<String> = numbers
        .chunk_by(|a, b| *b == a + 1)
        .map(|run| match run {
            [] => String::new(),
            [only] => only.to_string(),
            [first, .., last] => format!("{first}–{last}"),
        })
        .collect();
    runs.join(", ")
}

/// The topics and partitions of a group. All of them are listed on the group's own page.
fn parts(sight: Sight<'_>, name: &str, group: &GroupMemory, position: &GroupPosition, snapshot: &mut Snapshot) {
    let readers = readers(group);
    for topic in &position.topics {
        let mut entity = Entity::new(topic_key(name, &topic.topic));
        entity.parent = Some(key(name));
        entity.attributes = topic_attributes(sight, topic);
        snapshot.entities.push(entity);
        for partition in &topic.partitions {
            let mut entity = Entity::new(partition_key(name, &topic.topic, partition.partition));
            entity.parent = Some(key(name));
            let reader = readers.get(&(topic.topic.as_str(), partition.partition));
            entity.attributes.push(match reader {
                Some(member) => Attribute::new(
                    "read by",
                    format!("{} at {}", member.client, member.host.trim_start_matches('/')),
                ),
                None => Attribute::new("read by", "nobody"),
            });
            snapshot.entities.push(entity);
        }
    }
}

fn topic_attributes(sight: Sight<'_>, topic: &TopicPosition) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let some = |n: usize| (n > 0).then(|| count(n as f64));
    if let Some(n) = some(topic.uncommitted) {
        attributes.push(Attribute::new("partitions without a commit", n).note("they hold messages, and have no lag"));
    }
    if let Some(n) = some(topic.partitions.iter().filter(|p| p.is_beyond_end()).count()) {
        attributes.push(
            Attribute::new("committed beyond the end", n).note(
                "the topic was made again or truncated: new messages are skipped until the end passes the commit",
            ),
        );
    }
    let lost: i64 = topic.partitions.iter().map(|partition| partition.lost).sum();
    if lost > 0 {
        let attribute = Attribute::new("removed unread", count(lost as f64));
        attributes.push(attribute.note("messages that retention removed before the group read them"));
    }
    let compacted = match sight.memory.configs.get(&topic.topic) {
        Some(Ok(config)) => config
            .text("cleanup.policy")
            .is_some_and(|policy| policy.contains("compact")),
        _ => false,
    };
    if compacted {
        attributes.push(
            Attribute::new("cleanup.policy", "compact")
                .note("lag in messages counts removed ones too, and lag in time may be too short"),
        );
    }
    attributes
}

/// Who reads each partition now.
fn readers(group: &GroupMemory) -> HashMap<(&str, i32), &Member> {
    members(group)
        .unwrap_or_default()
        .iter()
        .flat_map(|member| {
            let topics = member.assignment.iter();
            topics.flat_map(move |(topic, partitions)| partitions.iter().map(move |p| ((topic.as_str(), *p), member)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn runs_of_partitions_are_drawn_together() {
        for (numbers, expected) in [
            (&[][..], ""),
            (&[3], "3"),
            (&[0, 1], "0–1"),
            (&[0, 1, 2, 3, 7, 9, 10], "0–3, 7, 9–10"),
        ] {
            assert_eq!(ranges(numbers), expected);
        }
    }
}
