//! Who is connected and listens to what: services, subjects, and services that answer requests.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{
    Attribute, CheckResult, Entity, EntityKind, Evidence, Link, LinkKind, Snapshot, Status, metrics,
};
use brokerscope_figures::format::{bytes, count};

use super::Samples;
use super::slow::who;
use super::streams::subject_entity;
use crate::nats::access::{Answers, Level};
use crate::nats::checks;
use crate::nats::gathered::{Gathered, good};
use crate::nats::instant;
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::odometer::Reading;
use crate::nats::wire::{Connection, Connz, ServiceStats};

/// Subjects and services beyond these are left out and said to be: nobody looks through more.
const MOST_SUBJECTS: usize = 2_000;
const MOST_SERVICES: usize = 1_000;
/// What servers and watchers connect as.
const OWN_NAME: &str = "brokerscope/";

/// One subject as its listeners have it.
#[derive(Debug, Default)]
struct Heard {
    services: BTreeMap<String, BTreeSet<String>>,
    listeners: usize,
}

pub fn map(gathered: &Gathered, memory: &mut Memory, out: &mut Snapshot) {
    if let Some(stats) = &gathered.services {
        requests(gathered, stats, memory, out);
    }
    let Some(connz) = &gathered.connz else { return };
    let complete = is_complete(connz);
    let (services, heard) = sort(connz);
    memory.client_links.clear();
    for (name, connections) in services.iter().take(MOST_SERVICES) {
        service(name, connections, out);
    }
    for ((account, subject), heard) in heard.iter().take(MOST_SUBJECTS) {
        let mut entity = subject_entity(account, subject);
        let groups: BTreeSet<&str> = heard.services.values().flatten().map(String::as_str).collect();
        let groups: Vec<&str> = groups.into_iter().filter(|group| !group.is_empty()).collect();
        if !groups.is_empty() {
            let note = "each message goes to one member of a group";
            entity
                .attributes
                .push(Attribute::new("queue groups", groups.join(", ")).note(note));
        }
        Samples::of(&entity.key, out).add(metrics::CONSUMERS, heard.listeners as f64);
        for (service, groups) in &heard.services {
            let label = groups
                .iter()
                .filter(|group| !group.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            memory.client_links.push(Link {
                from: entity.key.clone(),
                to: names::service(service),
                kind: LinkKind::Consumes,
                label: (!label.is_empty()).then_some(label),
                evidence: Evidence::Connected,
            });
        }
        out.entities.push(entity);
    }
    let fits = services.len() <= MOST_SERVICES && heard.len() <= MOST_SUBJECTS;
    if complete && fits {
        // The subjects of streams and services belong to the whole list.
        for (account, subject) in &memory.stream_subjects {
            if !heard.contains_key(&(account.clone(), subject.clone())) {
                out.entities.push(subject_entity(account, subject));
            }
        }
        out.complete.extend([EntityKind::Service, EntityKind::Subject]);
    }
    pending(gathered, connz, out);
}

/// Whether every server told all of its connections.
pub fn is_complete(connz: &Answers<Connz>) -> bool {
    let whole = |answer: &Connz| answer.connections.len() >= answer.total;
    connz.iter().all(|(_, answer)| answer.as_ref().is_ok_and(whole))
}

type Services<'a> = BTreeMap<String, Vec<&'a Connection>>;

fn sort(connz: &Answers<Connz>) -> (Services<'_>, BTreeMap<(String, String), Heard>) {
    let mut services = Services::new();
    let mut subjects: BTreeMap<(String, String), Heard> = BTreeMap::new();
    let connections = good(connz).flat_map(|(_, answer)| &answer.connections);
    for connection in connections.filter(|connection| !connection.name.starts_with(OWN_NAME)) {
        let service = service_name(connection);
        services.entry(service.clone()).or_default().push(connection);
        for subscription in &connection.subscribed {
            if names::is_plumbing(&subscription.subject) {
                continue;
            }
            let key = (connection.account.clone(), subscription.subject.clone());
            let heard = subjects.entry(key).or_default();
            heard.listeners += 1;
            let groups = heard.services.entry(service.clone()).or_default();
            groups.insert(subscription.queue.clone());
        }
    }
    (services, subjects)
}

/// What the client calls itself, or else who it is and where from.
fn service_name(connection: &Connection) -> String {
    match (connection.name.as_str(), connection.authorized_user.as_str()) {
        ("", "") => connection.ip.clone(),
        ("", user) => format!("{user}@{}", connection.ip),
        (name, _) => name.to_string(),
    }
}

fn service(name: &str, connections: &[&Connection], out: &mut Snapshot) {
    let mut entity = Entity::new(names::service(name));
    let mut add = |name: &str, of: fn(&Connection) -> String| {
        let values: BTreeSet<String> = connections.iter().map(|connection| of(connection)).collect();
        let values: Vec<String> = values
            .into_iter()
            .filter(|value| !value.trim().is_empty())
            .take(8)
            .collect();
        if !values.is_empty() {
            entity.attributes.push(Attribute::new(name, values.join(", ")));
        }
    };
    add("account", |connection| connection.account.clone());
    add("user", |connection| connection.authorized_user.clone());
    add("host", |connection| connection.ip.clone());
    add("client", |connection| {
        format!("{} {}", connection.lang, connection.version)
    });
    let key = entity.key.clone();
    out.entities.push(entity);
    let total = |of: fn(&Connection) -> f64| connections.iter().map(|connection| of(connection)).sum();
    let mut samples = Samples::of(&key, out);
    samples.add(metrics::CONNECTIONS, connections.len() as f64);
    samples.add(
        metrics::NATS_PENDING_BYTES,
        total(|connection| connection.pending_bytes),
    );
    samples.add(
        metrics::NATS_SUBSCRIPTIONS,
        total(|connection| connection.subscriptions),
    );
}

/// Connections for which so much waits that the server will soon close them. Sorted by that, the worst come first.
fn pending(gathered: &Gathered, connz: &Answers<Connz>, out: &mut Snapshot) {
    if gathered.level == Level::Account {
        return;
    }
    for (server, answer) in good(connz) {
        let Some((_, varz)) = gathered.varz.iter().find(|(name, _)| name == server) else {
            continue;
        };
        let key = names::node(server);
        let waiting: f64 = answer
            .connections
            .iter()
            .map(|connection| connection.pending_bytes)
            .sum();
        Samples::of(&key, out).add(metrics::NATS_PENDING_BYTES, waiting);
        out.checks.push(of_pending(&key, &answer.connections, varz.max_pending));
    }
}

fn of_pending(key: &brokerscope_contract::EntityKey, connections: &[Connection], limit: f64) -> CheckResult {
    let slow = connections
        .iter()
        .filter(|connection| limit > 0.0 && connection.pending_bytes >= limit / 2.0);
    let slow: Vec<String> = slow
        .map(|connection| format!("{} for {}", bytes(connection.pending_bytes), who(connection)))
        .collect();
    let result = match slow.is_empty() {
        true => (Status::Ok, "nothing piles up".to_string()),
        false => (Status::Warning, format!("waiting: {}", checks::some_of(&slow))),
    };
    checks::PENDING_BYTES.result(key.clone(), result.0, result.1)
}

/// What services that were written with NATS' services framework count about their requests, by subject.
fn requests(gathered: &Gathered, stats: &[ServiceStats], memory: &mut Memory, out: &mut Snapshot) {
    let account = gathered.account.clone().unwrap_or_default();
    let mut subjects: BTreeMap<&str, Vec<(&ServiceStats, f64, f64, f64)>> = BTreeMap::new();
    for instance in stats {
        for endpoint in &instance.endpoints {
            let figures = (
                instance,
                endpoint.num_requests,
                endpoint.num_errors,
                endpoint.processing_time,
            );
            subjects.entry(&endpoint.subject).or_default().push(figures);
        }
    }
    for (subject, instances) in subjects.iter().take(MOST_SUBJECTS) {
        let mut entity = subject_entity(&account, subject);
        let services: BTreeSet<String> = instances
            .iter()
            .map(|(instance, ..)| format!("{} {}", instance.name, instance.version))
            .collect();
        let services = services.into_iter().collect::<Vec<_>>().join(", ");
        entity.attributes.push(Attribute::new("answered by", services));
        entity
            .attributes
            .push(Attribute::new("instances", count(instances.len() as f64)));
        let key = entity.key.clone();
        memory.stream_subjects.insert((account.clone(), (*subject).to_string()));
        out.entities.push(entity);
        let (mut answered, mut failed) = (0.0, 0.0);
        for (instance, requests, errors, _) in instances {
            let since = instant::timestamp(&instance.started);
            let mut sum = |metric, count| {
                let part = instance.id.as_str();
                memory.sum(gathered.at, &key, metric, Reading { part, count, since })
            };
            answered = sum(metrics::NATS_SERVICE_REQUESTS, *requests);
            failed = sum(metrics::NATS_SERVICE_ERRORS, *errors);
        }
        let total: f64 = instances.iter().map(|(_, requests, ..)| requests).sum();
        let took: f64 = instances.iter().map(|(.., took)| took).sum();
        let mut samples = Samples::of(&key, out);
        samples.add(metrics::NATS_SERVICE_REQUESTS, answered);
        samples.add(metrics::NATS_SERVICE_ERRORS, failed);
        samples.add_known(metrics::NATS_SERVICE_SECONDS, (total > 0.0).then(|| took / total / 1e9));
    }
}
