//! Brokers and bookies.

use brokerscope_contract::{
    Absence, Attribute, CheckResult, Entity, EntityKey, EntityKind, Status, Timestamp, metrics,
};
use brokerscope_figures::format::{count, duration};

use super::Mapped;
use crate::pulsar::brokers::Broker;
use crate::pulsar::checks;
use crate::pulsar::memory::Memory;
use crate::pulsar::wire::{LoadReport, Usage};

/// A broker that the cluster no longer names is shown as missing for this long: a crash is seen, a scaled-down one is
/// forgotten.
const MISSING_FOR_MILLIS: i64 = 30 * 60_000;

const MEGABYTE: f64 = 1_048_576.0;

/// What one broker answered on this visit.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// `None` where it was not asked for its figures.
    pub figures: Option<Result<(), String>>,
    pub load: Option<LoadReport>,
    pub connections: Option<f64>,
}

pub fn broker(broker: &Broker, answered: &Answered, memory: &Memory, into: &mut Mapped) {
    let key = EntityKey::new(EntityKind::Node, [broker.id.as_str()]);
    let mut entity = Entity::new(key.clone());
    entity.attributes.push(Attribute::new("role", "broker"));
    let load = answered.load.as_ref();
    let version = load.and_then(|load| load.broker_version_string.as_deref());
    entity
        .attributes
        .extend(version.map(|version| Attribute::new("version", version)));
    if memory.leader.as_deref() == Some(&broker.id) {
        let note = "spreads the load over the brokers";
        entity.attributes.push(Attribute::new("leader", "yes").note(note));
    }
    let manager = load.and_then(|load| load.load_manager_class_name.as_deref());
    let manager = manager.and_then(|class| class.rsplit('.').next());
    entity
        .attributes
        .extend(manager.map(|class| Attribute::new("load manager", class)));
    into.entities.push(entity);
    if let Some(figures) = &answered.figures {
        let status = figures.as_ref().map_or(Status::Critical, |()| Status::Ok);
        let text = figures
            .as_ref()
            .map_or_else(String::clone, |()| "it tells its figures".into());
        into.checks
            .push(checks::BROKER_ANSWERS.result(key.clone(), status, text));
        into.sample(&key, [(metrics::UP, Some(f64::from(figures.is_ok())))]);
    }
    into.checks
        .extend(memory.health.get(&broker.id).map(|health| match health {
            Ok(()) => checks::BROKER_HEALTH.result(key.clone(), Status::Ok, "a message went round"),
            Err(why) => checks::BROKER_HEALTH.result(key.clone(), Status::Critical, why),
        }));
    into.sample(&key, [(metrics::CONNECTIONS, answered.connections)]);
    if let Some(load) = load {
        let memory = |usage: Option<f64>| usage.map(|megabytes| megabytes * MEGABYTE);
        into.sample(
            &key,
            [
                (metrics::PULSAR_CPU, ratio(load.cpu)),
                (metrics::PULSAR_HEAP_USED, memory(load.memory.usage)),
                (metrics::PULSAR_HEAP_LIMIT, memory(load.memory.limit)),
                (metrics::PULSAR_DIRECT_MEMORY_USED, memory(load.direct_memory.usage)),
                (metrics::PULSAR_DIRECT_MEMORY_LIMIT, memory(load.direct_memory.limit)),
                (metrics::PULSAR_TOPICS, load.num_topics),
                (metrics::PULSAR_BUNDLES, load.num_bundles),
                (metrics::CONSUMERS, load.num_consumers),
                (metrics::PULSAR_PRODUCERS, load.num_producers),
            ],
        );
    }
}

fn ratio(usage: Usage) -> Option<f64> {
    Some(usage.usage? / usage.limit.filter(|limit| *limit > 0.0)?)
}

/// Brokers that left the cluster a short while ago.
pub fn missing(memory: &Memory, at: Timestamp, into: &mut Mapped) {
    for (id, named) in &memory.last_named {
        let gone = at.millis_since(*named);
        let is_named = memory.brokers.iter().any(|broker| broker.id == *id);
        if is_named || gone > MISSING_FOR_MILLIS {
            continue;
        }
        let key = EntityKey::new(EntityKind::Node, [id.as_str()]);
        let mut entity = Entity::new(key.clone());
        entity.attributes.push(Attribute::new("role", "broker"));
        into.entities.push(entity);
        into.sample(&key, [(metrics::UP, Some(0.0))]);
        let text = format!("it left the cluster {} ago", duration(gone as f64 / 1000.0));
        into.checks
            .push(checks::BROKER_ANSWERS.result(key, Status::Critical, text));
    }
}

pub fn bookies(memory: &Memory, into: &mut Mapped) {
    for id in memory.bookies.iter().flatten() {
        let mut entity = Entity::new(EntityKey::new(EntityKind::Node, [format!("bookie {id}")]));
        entity
            .attributes
            .push(Attribute::new("role", "bookie").note("stores messages on its disks"));
        into.entities.push(entity);
    }
    into.checks
        .extend(memory.bookies.as_ref().map(|bookies| enough(bookies.len(), memory)));
}

/// Against the largest ensemble that a namespace asks for by itself; the brokers' own default is not told.
fn enough(bookies: usize, memory: &Memory) -> CheckResult {
    let wanted = memory.inventory.namespaces.iter().filter_map(|(name, namespace)| {
        let persistence = namespace.policies.as_ref()?.persistence.as_ref()?;
        Some((persistence.bookkeeper_ensemble?, name))
    });
    let most = wanted.max_by(|a, b| a.0.total_cmp(&b.0));
    let there = count(bookies as f64);
    let cluster = EntityKey::cluster();
    match most {
        Some((wanted, name)) if wanted > bookies as f64 => {
            let text = format!("{there}, and {name} wants {} for its messages", count(wanted));
            checks::BOOKIES.result(cluster, Status::Critical, text)
        }
        _ if bookies == 0 => checks::BOOKIES.result(cluster, Status::Critical, "there is none"),
        _ => checks::BOOKIES.result(cluster, Status::Ok, format!("{there} known")),
    }
}

pub fn leader(memory: &Memory) -> CheckResult {
    match (&memory.leader, memory.is_super_user) {
        (Some(leader), _) => checks::LEADER.result(EntityKey::cluster(), Status::Ok, format!("{leader} leads")),
        (None, Some(false)) => {
            let text = "not told to this role";
            checks::LEADER.unknown(EntityKey::cluster(), Absence::NotPermitted, text)
        }
        (None, _) => checks::LEADER.unknown(
            EntityKey::cluster(),
            Absence::Failed,
            "the brokers did not say who leads",
        ),
    }
}
