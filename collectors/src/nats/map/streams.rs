//! Streams: what they hold, how full they are, where their messages come from.

use std::collections::BTreeSet;

use brokerscope_contract::{Attribute, Entity, EntityKey, Evidence, Link, LinkKind, Snapshot, metrics};
use brokerscope_figures::format::{bytes, count, duration};

use super::Samples;
use crate::nats::instant;
use crate::nats::leaders::{Inventory, StreamView};
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::sites;
use crate::nats::wire::{Origin, StreamConfig};

pub fn map(inventory: &Inventory, memory: &mut Memory, out: &mut Snapshot) {
    memory.stream_links.clear();
    let mut subjects = BTreeSet::new();
    for view in inventory.streams.values() {
        out.entities.push(entity(view));
        if view.found.led {
            samples(view, out);
        }
        let Some(config) = &view.config else { continue };
        let stored = config.subjects.iter().filter(|subject| !names::is_plumbing(subject));
        subjects.extend(stored.map(|subject| (view.account.clone(), subject.clone())));
        links(view, config, inventory, &mut memory.stream_links, out);
    }
    memory.stream_subjects = subjects;
    // With the clients' subjects the list becomes whole; see `clients`.
    for (account, subject) in &memory.stream_subjects {
        out.entities.push(subject_entity(account, subject));
    }
}

pub fn subject_entity(account: &str, subject: &str) -> Entity {
    let mut entity = Entity::new(names::subject(account, subject));
    entity.parent = Some(names::account(account));
    entity
}

fn key(view: &StreamView) -> EntityKey {
    names::stream(&view.account, view.name())
}

fn entity(view: &StreamView) -> Entity {
    let mut entity = Entity::new(key(view));
    entity.parent = Some(names::account(&view.account));
    if let Some(config) = &view.config {
        entity.attributes = attributes(config);
        // Key-value buckets and object stores are streams, too.
        entity.internal = config.name.starts_with("$MQTT");
    }
    if let Some(cluster) = &view.found.report.cluster
        && !cluster.leader.is_empty()
    {
        entity.attributes.push(Attribute::new("leader", cluster.leader.clone()));
    }
    entity
}

fn attributes(config: &StreamConfig) -> Vec<Attribute> {
    let mut all = Vec::new();
    let mut add = |name: &str, value: String, note: Option<&str>| {
        if !value.is_empty() {
            let attribute = Attribute::new(name, value);
            all.push(match note {
                Some(note) => attribute.note(note),
                None => attribute,
            });
        }
    };
    let retention = match config.retention.as_str() {
        "workqueue" => Some("a message is removed when it is acknowledged"),
        "interest" => Some("a message is removed when all consumers acknowledged it"),
        "limits" => Some("messages are kept until a limit is reached"),
        _ => None,
    };
    add("subjects", config.subjects.join(", "), None);
    add("retention", config.retention.clone(), retention);
    add("storage", config.storage.clone(), None);
    add("num_replicas", count(f64::from(config.num_replicas)), None);
    let discard = match config.discard.as_str() {
        "new" => Some("when it is full, new messages are refused"),
        "old" => Some("when it is full, the oldest messages are removed"),
        _ => None,
    };
    add("discard", config.discard.clone(), discard);
    let limit = |limit: i64, text: fn(f64) -> String| if limit > 0 { text(limit as f64) } else { String::new() };
    add("max_msgs", limit(config.max_msgs, count), None);
    add("max_bytes", limit(config.max_bytes, bytes), None);
    add("max_msgs_per_subject", limit(config.max_msgs_per_subject, count), None);
    add(
        "max_age",
        limit(config.max_age, |age| duration(age / 1e9)),
        Some("older messages are removed"),
    );
    if config.sealed {
        add(
            "sealed",
            "true".into(),
            Some("nothing can be added or removed any more"),
        );
    }
    if let Some(mirror) = &config.mirror {
        add("mirror", mirror.name.clone(), Some("a copy of that stream"));
    }
    let sources: Vec<&str> = config.sources.iter().map(|source| source.name.as_str()).collect();
    add("sources", sources.join(", "), None);
    all
}

fn samples(view: &StreamView, out: &mut Snapshot) {
    let report = &view.found.report;
    let mut samples = Samples::of(&key(view), out);
    samples.add(metrics::NATS_MESSAGES_HELD, report.state.messages);
    samples.add(metrics::STORED_BYTES, report.state.bytes);
    // Sequences go on after a purge and begin anew only with a new stream.
    samples.add(metrics::PUBLISHED, report.state.last_seq as f64);
    samples.add(metrics::NATS_STREAM_CONSUMERS, report.state.consumer_count);
    if let Some(config) = &view.config {
        let limit = |limit: i64| (limit > 0).then_some(limit as f64);
        samples.add_known(metrics::NATS_MESSAGES_LIMIT, limit(config.max_msgs));
        samples.add_known(metrics::NATS_BYTES_LIMIT, limit(config.max_bytes));
    }
    if let Some(cluster) = &report.cluster
        && !cluster.replicas.is_empty()
    {
        let missing = cluster
            .replicas
            .iter()
            .filter(|peer| peer.offline || !peer.current)
            .count();
        samples.add(metrics::NATS_REPLICAS_MISSING, missing as f64);
    }
    let origins: Vec<_> = report.mirror.iter().chain(&report.sources).collect();
    if !origins.is_empty() {
        samples.add(metrics::NATS_SOURCE_LAG, origins.iter().map(|origin| origin.lag).sum());
        let heard: Option<Vec<f64>> = origins.iter().map(|origin| instant::seconds(origin.active)).collect();
        // One that was never heard has no time at all.
        let longest = heard.and_then(|heard| heard.into_iter().reduce(f64::max));
        samples.add_known(metrics::NATS_SOURCE_SILENCE, longest);
    }
}

/// Subjects and origins that feed the stream, subjects that it feeds, and consumers whose given-up messages it collects.
fn links(view: &StreamView, config: &StreamConfig, inventory: &Inventory, links: &mut Vec<Link>, out: &mut Snapshot) {
    let stream = key(view);
    let mut link = |from: EntityKey, to: EntityKey, kind: LinkKind, label: Option<String>| {
        links.push(Link {
            from,
            to,
            kind,
            label,
            evidence: Evidence::Declared,
        });
    };
    for subject in &config.subjects {
        if names::is_plumbing(subject) {
            for consumer in given_up_by(subject, view, inventory) {
                link(
                    consumer,
                    stream.clone(),
                    LinkKind::DeadLetter,
                    Some("announcements".into()),
                );
            }
        } else {
            let from = names::subject(&view.account, subject);
            link(from, stream.clone(), LinkKind::Binding, None);
        }
    }
    let origins = config.mirror.iter().map(|origin| ("mirror", origin));
    let sources = config.sources.iter().map(|origin| ("source", origin));
    for (word, origin) in origins.chain(sources) {
        let label = match origin.filter_subject.as_str() {
            "" => word.to_string(),
            filter => format!("{word} of {filter}"),
        };
        let from = origin_key(view, origin);
        if origin.external.is_some() {
            let mut entity = Entity::new(from.clone());
            entity.stands_for = sites::elsewhere(&view.account, origin);
            out.entities.push(entity);
        }
        link(from, stream.clone(), LinkKind::Copies, Some(label));
    }
    if let Some(republish) = &config.republish
        && !republish.dest.is_empty()
    {
        let to = names::subject(&view.account, &republish.dest);
        out.entities.push(subject_entity(&view.account, &republish.dest));
        link(stream, to, LinkKind::Copies, Some("republish".into()));
    }
}

/// A stream of the same account, or one behind another account's or domain's API.
fn origin_key(view: &StreamView, origin: &Origin) -> EntityKey {
    match &origin.external {
        Some(external) => names::endpoint(&format!("stream {} behind {}", origin.name, external.api)),
        None => names::stream(&view.account, &origin.name),
    }
}

/// The consumers whose announcements of exhausted messages a stream stores by this subject: its dead letters, as far
/// as JetStream has them.
fn given_up_by(subject: &str, view: &StreamView, inventory: &Inventory) -> Vec<EntityKey> {
    let of_account = inventory.streams.values().filter(|other| other.account == view.account);
    let consumers = of_account.flat_map(|other| other.consumers.iter().map(move |consumer| (other, consumer)));
    let limited = consumers.filter(|(_, (_, consumer))| {
        let config = consumer.config.as_ref();
        config.is_some_and(|config| config.max_deliver > 0 && !config.durable_name.is_empty())
    });
    limited
        .filter(|(other, (name, _))| {
            let announcement = format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{}.{name}", other.name());
            names::matches(subject, &announcement)
        })
        .map(|(other, (name, _))| names::consumer(&other.account, other.name(), name))
        .collect()
}
