//! JetStream consumers: what waits, what is in flight, what was given up. Ephemeral ones are summed by stream.

use brokerscope_contract::{
    Attribute, Entity, EntityKey, Evidence, Link, LinkKind, Method, Sample, Snapshot, Timestamp, metrics,
};
use brokerscope_figures::format::{count, duration};

use super::Samples;
use super::streams::subject_entity;
use crate::nats::advisories::Advisories;
use crate::nats::instant;
use crate::nats::leaders::{ConsumerView, Inventory, StreamView};
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::wire::{Consumer, ConsumerConfig};

/// After this long without a sign of a reader there is none: pulls are renewed every 30 s by most clients.
const READER_GONE_SECONDS: f64 = 90.0;

pub fn map(inventory: &Inventory, advisories: &Advisories, at: Timestamp, memory: &mut Memory, out: &mut Snapshot) {
    let mut deliveries = std::collections::HashMap::new();
    for stream in inventory.streams.values() {
        let mut ephemeral = Ephemeral::default();
        for (name, view) in &stream.consumers {
            match &view.config {
                Some(config) if config.sourcing => {}
                Some(config) if !config.durable_name.is_empty() => {
                    let key = names::consumer(&stream.account, stream.name(), name);
                    out.entities.push(entity(&key, stream, view, config));
                    links(&key, stream, config, memory, out);
                    if view.found.led {
                        let report = &view.found.report;
                        let stood = memory.deliveries.get(&key).copied();
                        let moved = stood.filter(|(seq, _)| *seq == report.delivered.consumer_seq);
                        let since = moved.map_or(at, |(_, since)| since);
                        deliveries.insert(key.clone(), (report.delivered.consumer_seq, since));
                        samples(&key, report, config, out);
                        readers(&key, report, config, (stood.is_some(), at.seconds_since(since)), out);
                        of_stream(&key, stream, report, config, inventory, out);
                        given_up(&key, stream, report, config, advisories, out);
                    }
                }
                // Without a durable name, or not described yet: mostly here today and gone tomorrow.
                _ => ephemeral.add(view),
            }
        }
        ephemeral.tell(stream, out);
    }
    // Consumers that are gone are forgotten with this; without a leader one starts anew.
    memory.deliveries = deliveries;
}

fn entity(key: &EntityKey, stream: &StreamView, view: &ConsumerView, config: &ConsumerConfig) -> Entity {
    let mut entity = Entity::new(key.clone());
    entity.parent = Some(names::stream(&stream.account, stream.name()));
    let mut add = |name: &str, value: String, note: Option<&str>| {
        if !value.is_empty() {
            let attribute = Attribute::new(name, value);
            entity.attributes.push(match note {
                Some(note) => attribute.note(note),
                None => attribute,
            });
        }
    };
    add("kind", (if config.is_pull() { "pull" } else { "push" }).into(), None);
    add("description", config.description.clone(), None);
    add("filter", config.filters().collect::<Vec<_>>().join(", "), None);
    add("deliver_subject", config.deliver_subject.clone(), None);
    add("deliver_group", config.deliver_group.clone(), None);
    add("ack_policy", config.ack_policy.clone(), None);
    let wait = instant::seconds(config.ack_wait).filter(|wait| *wait > 0.0);
    let note = Some("what is not acknowledged by then is delivered again");
    add("ack_wait", wait.map(duration).unwrap_or_default(), note);
    if config.max_deliver > 0 {
        let note = Some("a message that was delivered so often is given up, and no figure counts it any more");
        add("max_deliver", count(config.max_deliver as f64), note);
    }
    if config.max_ack_pending > 0 {
        add("max_ack_pending", count(config.max_ack_pending as f64), None);
    }
    if view.found.report.paused {
        add(
            "paused",
            "true".into(),
            Some("nothing is delivered until it is resumed"),
        );
    }
    if let Some(cluster) = &view.found.report.cluster {
        add("leader", cluster.leader.clone(), None);
    }
    entity
}

/// What reads from which stream, and for push consumers where it is pushed to.
fn links(key: &EntityKey, stream: &StreamView, config: &ConsumerConfig, memory: &mut Memory, out: &mut Snapshot) {
    let filter = config.filters().collect::<Vec<_>>().join(", ");
    let mut link = |from: EntityKey, to: EntityKey, kind: LinkKind, label: Option<String>| {
        memory.stream_links.push(Link {
            from,
            to,
            kind,
            label,
            evidence: Evidence::Declared,
        });
    };
    let from = names::stream(&stream.account, stream.name());
    let label = (!filter.is_empty()).then_some(filter);
    link(from, key.clone(), LinkKind::Subscribes, label);
    if !config.is_pull() && !names::is_plumbing(&config.deliver_subject) {
        let to = names::subject(&stream.account, &config.deliver_subject);
        out.entities
            .push(subject_entity(&stream.account, &config.deliver_subject));
        memory
            .stream_subjects
            .insert((stream.account.clone(), config.deliver_subject.clone()));
        let group = Some(config.deliver_group.clone()).filter(|group| !group.is_empty());
        link(key.clone(), to, LinkKind::Delivers, group);
    }
}

fn samples(key: &EntityKey, report: &Consumer, config: &ConsumerConfig, out: &mut Snapshot) {
    let mut samples = Samples::of(key, out);
    samples.add(metrics::DEPTH, report.num_pending);
    samples.add(metrics::IN_FLIGHT, report.num_ack_pending);
    samples.add(metrics::LAG, report.num_pending + report.num_ack_pending);
    let acknowledges = config.ack_policy != "none";
    if acknowledges && config.max_ack_pending > 0 {
        samples.add(metrics::IN_FLIGHT_LIMIT, config.max_ack_pending as f64);
    }
    samples.add(metrics::DELIVERED, report.delivered.consumer_seq as f64);
    if acknowledges {
        // The floor stands still at the first unacknowledged message and catches up later, redeliveries included.
        samples.add_estimated(metrics::ACKNOWLEDGED, report.ack_floor.consumer_seq as f64);
    }
    samples.add(metrics::NATS_REDELIVERING, report.num_redelivered);
    if config.is_pull() {
        samples.add(metrics::NATS_WAITING_PULLS, report.num_waiting);
    }
}

/// Whether anybody reads. Of a push consumer the server knows; of a pull consumer there are only signs: open pulls,
/// messages that are being worked on, movement since the last visit.
fn readers(
    key: &EntityKey,
    report: &Consumer,
    config: &ConsumerConfig,
    (seen_before, still_for): (bool, f64),
    out: &mut Snapshot,
) {
    let mut samples = Samples::of(key, out);
    if !config.is_pull() {
        samples.add(metrics::CONSUMERS, f64::from(u8::from(report.push_bound)));
        return;
    }
    let moves = seen_before && still_for == 0.0;
    if report.num_waiting > 0.0 || report.num_ack_pending > 0.0 || moves {
        samples.add_estimated(metrics::CONSUMERS, 1.0);
    } else if still_for >= READER_GONE_SECONDS {
        samples.add_estimated(metrics::CONSUMERS, 0.0);
    }
}

/// The age of the oldest message, where the stream's first one is it: JetStream tells no other message's time.
fn of_stream(
    key: &EntityKey,
    stream: &StreamView,
    report: &Consumer,
    config: &ConsumerConfig,
    inventory: &Inventory,
    out: &mut Snapshot,
) {
    let state = &stream.found.report.state;
    let lags = report.num_pending + report.num_ack_pending > 0.0;
    let reads_all = config.filters().next().is_none();
    let begins_there = state.first_seq > report.ack_floor.stream_seq;
    if !(lags && reads_all && begins_there && stream.found.led) {
        return;
    }
    // By the servers' clock on both ends; through JetStream's API of old servers only ours is known.
    let now = instant::timestamp(&inventory.now).unwrap_or(out.at);
    let age = instant::timestamp(&state.first_ts).map(|first| now.seconds_since(first).max(0.0));
    Samples::of(key, out).add_known(metrics::OLDEST_AGE, age);
}

/// Messages that were delivered as often as allowed: counted exactly while somebody listens to the announcements, and
/// bounded by what is missing between the positions.
fn given_up(
    key: &EntityKey,
    stream: &StreamView,
    report: &Consumer,
    config: &ConsumerConfig,
    advisories: &Advisories,
    out: &mut Snapshot,
) {
    if advisories.hears(&stream.account) {
        let [account, stream, name] = &*key.path else {
            return;
        };
        let counted = advisories
            .given_up
            .get(&(account.clone(), stream.clone(), name.clone()));
        let counted = counted.copied().unwrap_or(0) as f64;
        Samples::of(key, out).add(metrics::DEAD_LETTERED, counted);
    }
    // With a filter the positions also skip what the consumer never wanted.
    if config.max_deliver > 0 && config.filters().next().is_none() {
        let between = report.delivered.stream_seq.saturating_sub(report.ack_floor.stream_seq) as f64;
        let bound = (between - report.num_ack_pending).max(0.0);
        Samples::of(key, out).add_estimated(metrics::NATS_EXHAUSTED, bound);
    }
}

/// All consumers of a stream that have no durable name, as one: their names are random, and each would be a series of
/// its own for ever.
#[derive(Debug, Default)]
struct Ephemeral {
    number: usize,
    pending: f64,
    in_flight: f64,
    /// One without its leader makes the sums unknown.
    incomplete: bool,
}

impl Ephemeral {
    fn add(&mut self, view: &ConsumerView) {
        self.number += 1;
        self.pending += view.found.report.num_pending;
        self.in_flight += view.found.report.num_ack_pending;
        self.incomplete |= !view.found.led;
    }

    fn tell(&self, stream: &StreamView, out: &mut Snapshot) {
        if self.number == 0 {
            return;
        }
        let key = names::consumer(&stream.account, stream.name(), names::EPHEMERAL);
        let mut entity = Entity::new(key.clone());
        entity.parent = Some(names::stream(&stream.account, stream.name()));
        let note = "consumers without a durable name, and new ones not described yet, all together";
        entity.attributes.push(Attribute::new("kind", "ephemeral").note(note));
        out.entities.push(entity);
        if self.incomplete {
            return;
        }
        let values = [
            (metrics::DEPTH, self.pending),
            (metrics::IN_FLIGHT, self.in_flight),
            (metrics::LAG, self.pending + self.in_flight),
            (metrics::CONSUMERS, self.number as f64),
        ];
        out.samples.extend(values.map(|(metric, value)| Sample {
            entity: key.clone(),
            metric,
            value,
            // A consumer that nobody reads through is removed soon, so each stands for a reader.
            method: (metric == metrics::CONSUMERS).then_some(Method::Estimated),
        }));
    }
}
