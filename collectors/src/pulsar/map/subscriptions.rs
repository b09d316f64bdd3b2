//! Subscriptions of all types, over all partitions of their topic.

use std::collections::BTreeSet;

use brokerscope_contract::{Attribute, Entity, Evidence, Link, LinkKind, Method, metrics};

use super::topics::subscription_key;
use super::{Mapped, View, greatest, sum};
use crate::pulsar::inventory::Whole;
use crate::pulsar::names::{Reader, TopicName};
use crate::pulsar::wire::{Subscription, Topic};

pub fn map(view: View<'_>, into: &mut Mapped) {
    for (name, whole) in view.wholes {
        for subscription in names(view, name, whole) {
            let parts = parts(whole, &subscription);
            let key = subscription_key(name, &subscription);
            let mut entity = Entity::new(key.clone());
            entity.parent = Some(name.key());
            entity.internal = name.is_internal();
            entity.attributes = attributes(&parts);
            into.entities.push(entity);
            into.links.push(Link {
                from: name.key(),
                to: key,
                kind: LinkKind::Subscribes,
                label: kind(&parts).map(str::to_string),
                evidence: Evidence::Declared,
            });
            // The backlog of a partition that nobody serves is not known, and so neither is the sum.
            if whole.is_complete() && !parts.is_empty() {
                samples(view, name, &subscription, (whole, &parts), into);
            }
        }
    }
}

/// A partition, its figures, and those of the subscription there.
type Part<'a> = (&'a TopicName, &'a Topic, &'a Subscription);

fn names(view: View<'_>, name: &TopicName, whole: &Whole<'_>) -> BTreeSet<String> {
    let told = whole.loaded.iter().flat_map(|(_, topic)| topic.subscriptions.keys());
    let mut names: BTreeSet<String> = told
        .filter(|name| Reader::of(name) == Reader::Application)
        .cloned()
        .collect();
    if !whole.is_complete() {
        names.extend(view.inventory.subscriptions.get(name).into_iter().flatten().cloned());
    }
    names
}

fn parts<'a>(whole: &Whole<'a>, subscription: &str) -> Vec<Part<'a>> {
    let told = whole.loaded.iter();
    told.filter_map(|(name, topic)| Some((*name, *topic, topic.subscriptions.get(subscription)?)))
        .collect()
}

/// The broker says `None` of a subscription that nobody has used since it was loaded.
fn kind<'a>(parts: &[Part<'a>]) -> Option<&'a str> {
    let mut kinds = parts.iter().filter_map(|(_, _, part)| part.kind.as_deref());
    kinds.find(|kind| *kind != "None")
}

fn attributes(parts: &[Part<'_>]) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    if let Some(kind) = kind(parts) {
        let note = match kind {
            "Exclusive" => "one consumer reads, in order",
            "Failover" => "one consumer reads each partition, in order; the others wait to take over",
            "Shared" => "messages go to any consumer, in no order",
            "Key_Shared" => "messages of a key go to one consumer, in order",
            _ => "",
        };
        let attribute = Attribute::new("type", kind);
        attributes.push(if note.is_empty() {
            attribute
        } else {
            attribute.note(note)
        });
    }
    let active: BTreeSet<&str> = parts
        .iter()
        .filter_map(|(_, _, part)| part.active_consumer_name.as_deref())
        .filter(|name| !name.is_empty())
        .collect();
    if !active.is_empty() {
        attributes.push(Attribute::new(
            "active consumer",
            active.into_iter().take(8).collect::<Vec<_>>().join(", "),
        ));
    }
    attributes
}

fn samples(
    view: View<'_>,
    name: &TopicName,
    subscription: &str,
    (whole, parts): (&Whole<'_>, &[Part<'_>]),
    into: &mut Mapped,
) {
    let key = subscription_key(name, subscription);
    let backlog = backlog(parts);
    let (waiting, method) = depth(whole, subscription);
    into.derived(&key, metrics::DEPTH, waiting, method);
    into.derived(&key, metrics::LAG, backlog, method);
    let blocked = parts.iter().map(|(_, _, part)| part.blocked_on_unacked.map(f64::from));
    into.sample(
        &key,
        [
            (metrics::IN_FLIGHT, unacked(parts)),
            (metrics::PULSAR_DELAYED, delayed(parts)),
            (metrics::CONSUMERS, consumers(parts)),
            (metrics::PULSAR_BLOCKED, greatest(blocked)),
            (
                metrics::PULSAR_ACK_HOLES,
                sum(parts
                    .iter()
                    .map(|(_, _, part)| part.non_contiguous_deleted_messages_ranges)),
            ),
        ],
    );
    let totals = || {
        parts
            .iter()
            .map(|(name, _, _)| view.odometer.subscription(name, subscription))
    };
    // Counted where the metrics say so, else summed from rates.
    let is_counted = parts.iter().all(|(_, _, part)| part.msg_out_counter.is_some());
    let estimated = Some(Method::Estimated);
    let delivered_by = if is_counted { None } else { estimated };
    into.derived(
        &key,
        metrics::DELIVERED,
        sum(totals().map(|t| t.delivered)),
        delivered_by,
    );
    into.derived(
        &key,
        metrics::ACKNOWLEDGED,
        sum(totals().map(|t| t.acknowledged)),
        estimated,
    );
    into.derived(
        &key,
        metrics::REDELIVERED,
        sum(totals().map(|t| t.redelivered)),
        estimated,
    );
    if let Some((age, method)) = age(view, (name, subscription), parts, backlog) {
        into.derived(&key, metrics::OLDEST_AGE, Some(age), Some(method));
        into.derived(&key, metrics::LAG_SECONDS, Some(age), Some(method));
    }
}

/// Entries that are not acknowledged. Nothing is stored for subscriptions of non-persistent topics.
fn backlog(parts: &[Part<'_>]) -> Option<f64> {
    let persistent = parts.iter().all(|(name, _, _)| name.persistent);
    sum(parts.iter().map(|(_, _, part)| part.msg_backlog)).filter(|_| persistent)
}

/// Told for the shared types only: with the others the broker does not count them.
fn unacked(parts: &[Part<'_>]) -> Option<f64> {
    let shared = kind(parts).is_none_or(|kind| kind.ends_with("hared"));
    sum(parts.iter().map(|(_, _, part)| part.unacked_messages)).filter(|_| shared)
}

fn delayed(parts: &[Part<'_>]) -> Option<f64> {
    sum(parts.iter().map(|(_, _, part)| part.msg_delayed))
}

/// What waits and was not delivered yet, as far as that is known: the backlog without what is delayed or delivered.
///
/// Estimated where entries may be batches: then they are fewer than messages, by as much as consumers found on average.
pub fn depth(whole: &Whole<'_>, subscription: &str) -> (Option<f64>, Option<Method>) {
    let parts = parts(whole, subscription);
    let away = unacked(&parts).unwrap_or(0.0) + delayed(&parts).unwrap_or(0.0);
    let backlog = backlog(&parts);
    let waiting = backlog.map(|backlog| (backlog * messages_per_entry(&parts) - away).max(0.0));
    let exact = backlog == Some(0.0) || parts.iter().all(is_unbatched);
    (waiting, (!exact).then_some(Method::Estimated))
}

/// The mean of what the present consumers found; 1 where nobody tells.
fn messages_per_entry(parts: &[Part<'_>]) -> f64 {
    let consumers = parts.iter().flat_map(|(_, _, part)| &part.consumers);
    let averages = consumers.filter_map(|consumer| consumer.avg_messages_per_entry);
    let told: Vec<f64> = averages.filter(|average| *average > 0.0).collect();
    match told.len() {
        0 => 1.0,
        n => (told.iter().sum::<f64>() / n as f64).max(1.0),
    }
}

/// An entry is a message in all that the present consumers got. Without consumers nobody tells.
fn is_unbatched((_, _, part): &Part<'_>) -> bool {
    let averages = || {
        part.consumers
            .iter()
            .filter_map(|consumer| consumer.avg_messages_per_entry)
    };
    averages().any(|average| average > 0.0) && averages().all(|average| average <= 1.0)
}

/// A client reads all partitions of a topic, as one consumer of each, under one name: whoever reads one partition beside
/// others is another client, even under the same name on the same host.
fn consumers(parts: &[Part<'_>]) -> Option<f64> {
    let listed = parts.iter().flat_map(|(_, _, part)| &part.consumers);
    let named: BTreeSet<(&str, &str)> = listed
        .map(|consumer| {
            let host = super::service_name::host(consumer.address.as_deref());
            (consumer.consumer_name.as_str(), host)
        })
        .collect();
    let together = parts.iter().map(|(_, _, part)| part.consumers.len()).max();
    let clients = named.len().max(together.unwrap_or(0));
    if clients > 0 {
        return Some(clients as f64);
    }
    // Only metrics were asked, and they count.
    greatest(parts.iter().map(|(_, _, part)| part.consumers_count)).or(Some(0.0))
}

/// Asked of the broker on this visit, else its own idea of its oldest message, which names one subscription of a topic
/// at most, else what it answered earlier.
fn age(
    view: View<'_>,
    (name, subscription): (&TopicName, &str),
    parts: &[Part<'_>],
    backlog: Option<f64>,
) -> Option<(f64, Method)> {
    if backlog? <= 0.0 {
        // Said once, because an alert on the last known age would never end.
        return view.ages.knew(name, subscription).then_some((0.0, Method::Exact));
    }
    let acknowledged = parts.iter().filter_map(|(_, _, part)| part.last_acked_timestamp).max();
    let asked = view.ages.of(name, subscription, acknowledged, view.at);
    let told = parts.iter().filter_map(|(_, topic, _)| {
        let of_this = topic.oldest_backlog_message_subscription_name.as_deref() == Some(subscription);
        topic
            .oldest_backlog_message_age_seconds
            .filter(|age| of_this && *age > 0.0)
    });
    let told = told.reduce(f64::max).map(|age| (age, Method::Estimated));
    match asked {
        Some((_, Method::Exact)) => asked,
        _ => told.or(asked),
    }
}
