//! Namespaces: their policies, their totals, and what is wrong in them.

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, Entity, EntityKey, Status, metrics};
use brokerscope_figures::format::{bytes, count, duration, percent};

use super::topics::{quota_ratio, subscriptions};
use super::{Mapped, View, greatest, sum};
use crate::pulsar::checks;
use crate::pulsar::inventory::Whole;
use crate::pulsar::names::{Reader, TopicName, is_internal_namespace, namespace_key};
use crate::pulsar::wire::{Policies, Replicator};

/// Above these shares of the backlog quota a person should look, or act.
const QUOTA_NEAR: f64 = 0.8;
const QUOTA_REACHED: f64 = 1.0;
/// Replication that is further behind is not just busy.
const REPLICATION_LATE_SECONDS: f64 = 300.0;

type Topics<'a> = Vec<(&'a TopicName, &'a Whole<'a>)>;

pub fn map(view: View<'_>, into: &mut Mapped) {
    let mut topics: BTreeMap<&str, Topics<'_>> = BTreeMap::new();
    for name in view.inventory.namespaces.keys() {
        topics.entry(name).or_default();
    }
    for (name, whole) in view.wholes {
        topics.entry(&name.namespace).or_default().push((name, whole));
    }
    for (namespace, topics) in topics {
        let key = namespace_key(namespace);
        let mut entity = Entity::new(key.clone());
        entity.internal = is_internal_namespace(namespace);
        let known = view.inventory.namespaces.get(namespace);
        if let Some(policies) = known.and_then(|namespace| namespace.policies.as_ref()) {
            entity.attributes = attributes(policies);
        }
        let internal = entity.internal;
        into.entities.push(entity);
        if !internal {
            samples(view, namespace, &topics, into);
            health(view, &key, &topics, into);
        }
    }
}

/// Totals are left out where a part of them is not known: they would jump when it is.
fn samples(view: View<'_>, namespace: &str, topics: &Topics<'_>, into: &mut Mapped) {
    let own = || topics.iter().filter(|(name, _)| !name.is_internal());
    let parts = || own().flat_map(|(_, whole)| whole.loaded.iter());
    let unloaded: usize = own().map(|(_, whole)| whole.unloaded.len()).sum();
    let known = view.inventory.namespaces.get(namespace);
    let is_listed = known.is_some_and(|known| known.topics.is_some());
    let sees_loaded = !view.is_incomplete;
    let sees_all = is_listed && sees_loaded && unloaded == 0;
    let subscribed = || own().map(|(_, whole)| subscriptions(whole, Reader::Application) as f64);
    let are_counted = parts().all(|(name, _)| view.odometer.topic(name).published.is_some());
    into.sample(
        &namespace_key(namespace),
        [
            (metrics::PULSAR_TOPICS, Some(own().count() as f64).filter(|_| is_listed)),
            (
                metrics::PULSAR_UNLOADED_TOPICS,
                Some(unloaded as f64).filter(|_| is_listed && sees_loaded),
            ),
            (
                metrics::PULSAR_SUBSCRIPTIONS,
                Some(subscribed().sum::<f64>()).filter(|_| sees_all),
            ),
            // Nothing is published into a topic without loading it.
            (
                metrics::PUBLISHED,
                view.odometer
                    .namespace(namespace)
                    .filter(|_| sees_loaded && are_counted),
            ),
            (
                metrics::STORED_BYTES,
                sum(parts()
                    .filter(|(name, _)| name.persistent)
                    .map(|(_, topic)| topic.storage_size))
                .filter(|_| sees_all),
            ),
            (
                metrics::PULSAR_BLOCKED,
                Some(blocked(topics).len() as f64).filter(|_| sees_loaded),
            ),
            (
                metrics::PULSAR_BACKLOG_QUOTA_RATIO,
                worst_quota(view, topics)
                    .map(|(ratio, _)| ratio)
                    .filter(|_| sees_loaded),
            ),
            (
                metrics::PULSAR_REPLICATION_BACKLOG,
                sum(replicators(topics).map(|(_, replicator)| replicator.replication_backlog)).filter(|_| sees_all),
            ),
            (
                metrics::PULSAR_REPLICATION_DELAY,
                greatest(replicators(topics).map(|(_, replicator)| replicator.replication_delay_in_seconds))
                    .filter(|_| sees_loaded),
            ),
        ],
    );
}

fn health(view: View<'_>, key: &EntityKey, topics: &Topics<'_>, into: &mut Mapped) {
    let quota = match worst_quota(view, topics) {
        None => checks::BACKLOG_QUOTA.result(key.clone(), Status::Ok, "no topic with a backlog quota is loaded"),
        Some((ratio, name)) => {
            let status = match ratio {
                _ if ratio >= QUOTA_REACHED => Status::Critical,
                _ if ratio >= QUOTA_NEAR => Status::Warning,
                _ => Status::Ok,
            };
            let text = format!("{} uses {} of its quota", name.local, percent(ratio));
            checks::BACKLOG_QUOTA.result(key.clone(), status, text)
        }
    };
    into.checks.push(quota);
    let blocked = blocked(topics);
    into.checks.push(match blocked.as_slice() {
        [] => checks::UNACKED.result(key.clone(), Status::Ok, "no subscription is blocked"),
        [(topic, subscription), ..] => {
            let more = match blocked.len() {
                1 => String::new(),
                n => format!(" and {} more", count((n - 1) as f64)),
            };
            let text = format!("{subscription} of {topic}{more} gets nothing until it acknowledges");
            checks::UNACKED.result(key.clone(), Status::Critical, text)
        }
    });
    into.checks.extend(replication(key, topics));
}

fn replication(key: &EntityKey, topics: &Topics<'_>) -> Option<brokerscope_contract::CheckResult> {
    let all = replicators(topics).count();
    if all == 0 {
        return None;
    }
    let mut cut = replicators(topics).filter(|(_, replicator)| replicator.connected == Some(false));
    if let Some((cluster, _)) = cut.next() {
        let n = cut.count() + 1;
        let text = format!(
            "{} of {} replicators have no connection, such as to {cluster}",
            count(n as f64),
            count(all as f64)
        );
        return Some(checks::REPLICATION.result(key.clone(), Status::Critical, text));
    }
    let late = replicators(topics)
        .filter_map(|(cluster, replicator)| Some((replicator.replication_delay_in_seconds?, cluster)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    Some(match late {
        Some((delay, cluster)) if delay > REPLICATION_LATE_SECONDS => {
            let text = format!("{} behind to {cluster}", duration(delay));
            checks::REPLICATION.result(key.clone(), Status::Warning, text)
        }
        _ => checks::REPLICATION.result(
            key.clone(),
            Status::Ok,
            format!("{} replicators are connected", count(all as f64)),
        ),
    })
}

fn replicators<'a>(topics: &'a Topics<'a>) -> impl Iterator<Item = (&'a String, &'a Replicator)> {
    let parts = topics.iter().flat_map(|(_, whole)| whole.loaded.iter());
    parts.flat_map(|(_, topic)| topic.replication.iter())
}

/// Topic and subscription.
fn blocked<'a>(topics: &'a Topics<'a>) -> Vec<(&'a str, &'a str)> {
    let parts = topics.iter().flat_map(|(_, whole)| whole.loaded.iter());
    let all = parts.flat_map(|(name, topic)| topic.subscriptions.iter().map(move |s| (name, s)));
    let blocked = all.filter(|(_, (_, subscription))| subscription.blocked_on_unacked == Some(true));
    blocked
        .map(|(name, (subscription, _))| (name.local.as_str(), subscription.as_str()))
        .collect()
}

fn worst_quota<'a>(view: View<'_>, topics: &Topics<'a>) -> Option<(f64, &'a TopicName)> {
    let parts = topics.iter().flat_map(|(_, whole)| whole.loaded.iter());
    let ratios = parts.filter_map(|(name, topic)| Some((quota_ratio(view, name, topic)?, *name)));
    ratios.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn attributes(policies: &Policies) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        attributes.extend(value.map(|value| Attribute::new(name, value)));
    };
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    add("replication_clusters", list(&policies.replication_clusters));
    let bundles = policies.bundles.as_ref().and_then(|bundles| bundles.num_bundles);
    add("bundles", bundles.map(count));
    for (kind, quota) in &policies.backlog_quota_map {
        let size = quota.limit_size.or(quota.limit).filter(|size| *size > 0.0).map(bytes);
        let time = quota.limit_time.filter(|time| *time > 0.0).map(duration);
        let limit = match kind.as_str() {
            "message_age" => time,
            _ => size,
        };
        let policy = quota.policy.as_deref().unwrap_or("unknown policy");
        add(
            &format!("backlog_quota.{kind}"),
            limit.map(|limit| format!("{limit}, then {policy}")),
        );
    }
    let retention = policies.retention_policies.as_ref();
    let time = retention.and_then(|retention| retention.retention_time_in_minutes);
    add(
        "retention.time",
        time.map(|minutes| or_for_ever(minutes, duration(minutes * 60.0))),
    );
    let size = retention.and_then(|retention| retention.retention_size_in_mb);
    add(
        "retention.size",
        size.map(|mb| or_for_ever(mb, bytes(mb * 1_048_576.0))),
    );
    add(
        "message_ttl",
        policies.message_ttl_in_seconds.filter(|ttl| *ttl > 0.0).map(duration),
    );
    add(
        "deduplication",
        policies.deduplication.map(|on| if on { "on" } else { "off" }.into()),
    );
    let persistence = policies.persistence.as_ref().map(|persistence| {
        let n = |value: Option<f64>| value.map_or("?".into(), count);
        format!(
            "ensemble {}, write quorum {}, ack quorum {}",
            n(persistence.bookkeeper_ensemble),
            n(persistence.bookkeeper_write_quorum),
            n(persistence.bookkeeper_ack_quorum),
        )
    });
    add("persistence", persistence);
    add(
        "max_unacked_messages_per_subscription",
        policies.max_unacked_messages_per_subscription.map(count),
    );
    add(
        "max_unacked_messages_per_consumer",
        policies.max_unacked_messages_per_consumer.map(count),
    );
    add("subscription_types_enabled", list(&policies.subscription_types_enabled));
    let strategy = policies
        .schema_compatibility_strategy
        .clone()
        .filter(|strategy| strategy != "UNDEFINED");
    add("schema_compatibility_strategy", strategy);
    attributes
}

fn or_for_ever(value: f64, shown: String) -> String {
    if value < 0.0 { "for ever".into() } else { shown }
}
