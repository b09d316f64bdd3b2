//! Consumer groups, their members and what they read, as entities with what explains them.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Snapshot};
use brokerscope_figures::format::count;

use super::super::memory::GroupMemory;
use super::super::reader::{GroupPosition, TopicPosition};
use super::super::wire::{GroupProtocol, GroupState, Member};
use super::Sight;
use super::groups::{key, members, partition_key, topic_key};

pub fn group(name: &str, group: &GroupMemory, position: Option<&GroupPosition>) -> Entity {
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
    let assignor = group.described.as_ref().map(|group| group.assignor.as_str());
    attributes.extend(
        assignor
            .filter(|name| !name.is_empty())
            .map(|name| Attribute::new("assignor", name)),
    );
    attributes.push(
        Attribute::new("coordinator", group.listed.coordinator.to_string())
            .note("the broker that keeps this group's members and commits"),
    );
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

fn state_meaning(state: GroupState) -> Option<&'static str> {
    match state {
        GroupState::Unknown => Some("the broker does not tell"),
        GroupState::PreparingRebalance => Some("members are joining or leaving; nobody reads until it is done"),
        GroupState::CompletingRebalance => Some("members wait to be told their partitions"),
        GroupState::Assigning => Some("the broker is working out who reads what"),
        GroupState::Reconciling => Some("partitions are being handed over from member to member"),
        GroupState::Empty => Some("no members; its commits are kept for a while"),
        GroupState::Dead => Some("no members and no commits"),
        GroupState::Stable => None,
    }
}

pub fn member(group: &str, member: &Member) -> Entity {
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
pub fn parts(sight: Sight<'_>, name: &str, group: &GroupMemory, position: &GroupPosition, snapshot: &mut Snapshot) {
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
