//! Topics and their partitions: sums over partitions for what adds up, and nothing at all where a part is missing.

use std::collections::BTreeSet;

use brokerscope_contract::{Attribute, Entity, EntityKind, metrics};

use super::subscriptions::depth;
use super::{Mapped, View, greatest, sum};
use crate::pulsar::inventory::Whole;
use crate::pulsar::names::{Reader, TopicName};
use crate::pulsar::wire::Topic;

pub fn map(view: View<'_>, into: &mut Mapped) {
    for (name, whole) in view.wholes {
        into.entities.push(entity(name, whole));
        samples(view, name, whole, into);
        for part in whole.names() {
            if let Some(partition) = part.partition {
                let mut entity = Entity::new(name.partition_key(partition));
                entity.parent = Some(name.key());
                entity.internal = name.is_internal();
                into.entities.push(entity);
            }
        }
        for (part, topic) in &whole.loaded {
            if let Some(partition) = part.partition.filter(|_| !whole.waits) {
                let totals = view.odometer.topic(part);
                into.sample(
                    &name.partition_key(partition),
                    [
                        (metrics::PUBLISHED, totals.published),
                        (metrics::STORED_BYTES, topic.storage_size),
                        (metrics::PULSAR_BACKLOG, backlog(topic)),
                        (metrics::PULSAR_BACKLOG_BYTES, topic.backlog_size),
                    ],
                );
            }
        }
    }
}

fn entity(name: &TopicName, whole: &Whole<'_>) -> Entity {
    let mut entity = Entity::new(name.key());
    entity.parent = Some(name.namespace_key());
    entity.internal = name.is_internal();
    let mut add = |attribute| entity.attributes.push(attribute);
    if name.persistent {
        add(Attribute::new("type", "persistent"));
    } else {
        let note = "messages are not stored: whoever is not connected never gets them";
        add(Attribute::new("type", "non-persistent").note(note));
    }
    match whole.partitions() {
        0 => {}
        n => add(Attribute::new("partitions", n.to_string())),
    }
    let note = "no broker serves it until somebody uses it; its figures are unknown, not zero";
    match (whole.loaded.len() + whole.untold.len(), whole.unloaded.len()) {
        (_, 0) => {}
        (0, _) => add(Attribute::new("loaded", "no").note(note)),
        (loaded, missing) => {
            let all = loaded + missing;
            add(Attribute::new("loaded", format!("{loaded} of {all} partitions")).note(note));
        }
    }
    let remote: BTreeSet<&str> = whole
        .loaded
        .iter()
        .flat_map(|(_, topic)| topic.replication.keys())
        .map(String::as_str)
        .collect();
    if !remote.is_empty() {
        add(Attribute::new(
            "replicated to",
            remote.into_iter().collect::<Vec<_>>().join(", "),
        ));
    }
    entity
}

fn samples(view: View<'_>, name: &TopicName, whole: &Whole<'_>, into: &mut Mapped) {
    let key = name.key();
    let partitions = whole.partitions();
    if partitions > 0 {
        into.sample(&key, [(metrics::PULSAR_PARTITIONS, Some(partitions as f64))]);
    }
    if whole.waits {
        return;
    }
    if !whole.is_complete() {
        let unloaded = whole.unloaded.len() as f64;
        into.sample(&key, [(metrics::PULSAR_UNLOADED_TOPICS, Some(unloaded))]);
        return;
    }
    let parts = || whole.loaded.iter().map(|(_, topic)| *topic);
    let totals = || whole.loaded.iter().map(|(name, _)| view.odometer.topic(name));
    let quota = |topic: &Topic| quota(view, name, topic);
    into.sample(
        &key,
        [
            (metrics::PUBLISHED, sum(totals().map(|totals| totals.published))),
            (metrics::PULSAR_BYTES_IN, sum(totals().map(|totals| totals.bytes))),
            (metrics::STORED_BYTES, sum(parts().map(|topic| topic.storage_size))),
            (
                metrics::PULSAR_OFFLOADED_BYTES,
                sum(parts().map(|topic| topic.offloaded_storage_size)).filter(|bytes| *bytes > 0.0),
            ),
            (
                metrics::PULSAR_BACKLOG_BYTES,
                sum(parts().map(|topic| topic.backlog_size)),
            ),
            // A quota holds for each partition by itself.
            (metrics::PULSAR_BACKLOG_QUOTA_BYTES, greatest(parts().map(quota))),
            (
                metrics::PULSAR_BACKLOG_QUOTA_RATIO,
                greatest(parts().map(|topic| quota_ratio(view, name, topic))),
            ),
            (metrics::PULSAR_BACKLOG, sum(parts().map(backlog))),
            (
                metrics::PULSAR_SUBSCRIPTIONS,
                Some(subscriptions(whole, Reader::Application) as f64),
            ),
            (
                metrics::PULSAR_READERS,
                Some(subscriptions(whole, Reader::Ephemeral) as f64).filter(|n| *n > 0.0),
            ),
            (metrics::PULSAR_PRODUCERS, Some(producers(whole) as f64)),
            (
                metrics::PULSAR_REPLICATION_BACKLOG,
                sum(parts()
                    .flat_map(|topic| topic.replication.values())
                    .map(|replicator| replicator.replication_backlog)),
            ),
            (
                metrics::PULSAR_REPLICATION_DELAY,
                greatest(
                    parts()
                        .flat_map(|topic| topic.replication.values())
                        .map(|replicator| replicator.replication_delay_in_seconds),
                ),
            ),
        ],
    );
    let waiting = depth_of_slowest(whole);
    into.derived(&key, metrics::DEPTH, waiting.0, waiting.1);
}

/// What waits on a whole topic, where that is known; nothing does where nobody subscribed.
pub fn waiting(whole: &Whole<'_>) -> Option<f64> {
    if !whole.is_complete() {
        return None;
    }
    match subscriptions(whole, Reader::Application) {
        0 => Some(0.0),
        _ => depth_of_slowest(whole).0,
    }
}

/// What waits on the topic: as much as on the subscription where most waits. The sum over subscriptions would count a
/// message once for each.
fn depth_of_slowest(whole: &Whole<'_>) -> (Option<f64>, Option<brokerscope_contract::Method>) {
    let names: BTreeSet<&str> = whole
        .loaded
        .iter()
        .flat_map(|(_, topic)| topic.subscriptions.keys())
        .filter(|name| Reader::of(name) == Reader::Application)
        .map(String::as_str)
        .collect();
    let depths = names.into_iter().map(|subscription| depth(whole, subscription));
    depths
        .max_by(|a, b| a.0.unwrap_or(-1.0).total_cmp(&b.0.unwrap_or(-1.0)))
        .unwrap_or((None, None))
}

/// Entries that all subscriptions together have not acknowledged.
fn backlog(topic: &Topic) -> Option<f64> {
    let read = topic
        .subscriptions
        .iter()
        .filter(|(name, _)| Reader::of(name) == Reader::Application);
    let mut sum = 0.0;
    for (_, subscription) in read {
        sum += subscription.msg_backlog?;
    }
    Some(sum)
}

pub fn subscriptions(whole: &Whole<'_>, reader: Reader) -> usize {
    let names = whole.loaded.iter().flat_map(|(_, topic)| topic.subscriptions.keys());
    let names: BTreeSet<&String> = names.filter(|name| Reader::of(name) == reader).collect();
    names.len()
}

pub fn producers(whole: &Whole<'_>) -> usize {
    let all = whole.loaded.iter().flat_map(|(_, topic)| &topic.publishers);
    let names: BTreeSet<&str> = all.map(|publisher| publisher.producer_name.as_str()).collect();
    names.len()
}

/// Bytes: what the topic itself says, else the namespace.
fn quota(view: View<'_>, name: &TopicName, topic: &Topic) -> Option<f64> {
    let policies = || view.inventory.namespaces.get(&name.namespace)?.policies.as_ref();
    let of_namespace = || {
        let quota = policies()?.backlog_quota_map.get("destination_storage")?;
        quota.limit_size.or(quota.limit)
    };
    topic
        .backlog_quota_limit_size
        .or_else(of_namespace)
        .filter(|limit| *limit > 0.0)
}

pub fn quota_ratio(view: View<'_>, name: &TopicName, topic: &Topic) -> Option<f64> {
    Some(topic.backlog_size? / quota(view, name, topic)?)
}

/// The key of a subscription of this topic.
pub fn subscription_key(name: &TopicName, subscription: &str) -> brokerscope_contract::EntityKey {
    name.child(EntityKind::Subscription, subscription)
}
