//! The cluster as a whole: its totals, and how it is watched.

use brokerscope_contract::{Attribute, CheckResult, Entity, EntityKey, EntityKind, Status, metrics};

use super::topics::{subscriptions, waiting};
use super::{Mapped, View, sum};
use crate::pulsar::checks;
use crate::pulsar::memory::{About, Memory};
use crate::pulsar::names::Reader;

pub fn entity(memory: &Memory) -> Entity {
    let mut cluster = Entity::new(EntityKey::cluster());
    let tenants = memory.inventory.tenants;
    let tenants = tenants.map(|n| Attribute::new("tenants", n.to_string()));
    cluster.attributes.extend(tenants);
    let others = memory
        .clusters
        .iter()
        .filter(|(name, _)| memory.cluster_name.as_ref() != Some(name));
    let others: Vec<String> = others
        .map(|(name, address)| match address {
            Some(address) => format!("{name} at {address}"),
            None => name.clone(),
        })
        .collect();
    cluster.attributes.extend(memory.functions.absent());
    if !others.is_empty() {
        let note = "clusters that this one may replicate with";
        cluster
            .attributes
            .push(Attribute::new("other clusters", others.join(", ")).note(note));
    }
    cluster
}

/// Totals of the cluster, each only where every part of it is known. `brokers` is how many there are, where all of them
/// told what they have loaded.
pub fn totals(view: View<'_>, brokers: Option<usize>, into: &mut Mapped) {
    if view.is_incomplete {
        return;
    }
    let own = || view.wholes.iter().filter(|(name, _)| !name.is_internal());
    let sampled = |metric, kind| {
        let samples = into.samples.iter();
        let of_kind = samples.filter(move |sample| sample.metric == metric && sample.entity.kind == kind);
        of_kind.map(|sample| sample.value)
    };
    let is_listed = view.inventory.is_whole();
    let unloaded: usize = own().map(|(_, whole)| whole.unloaded.len()).sum();
    let are_counted = own()
        .flat_map(|(_, whole)| &whole.loaded)
        .all(|(name, _)| view.odometer.topic(name).published.is_some());
    // Who reads a topic has loaded it; a partition that is on its way to another broker hides its readers.
    let is_torn = own().any(|(_, whole)| !whole.loaded.is_empty() && !whole.unloaded.is_empty());
    let subscribed = || own().map(|(_, whole)| subscriptions(whole, Reader::Application) as f64);
    let depths = own()
        .filter(|(name, _)| name.persistent)
        .map(|(_, whole)| waiting(whole));
    let connected: Vec<f64> = sampled(metrics::CONNECTIONS, EntityKind::Node).collect();
    let values = [
        (metrics::PULSAR_TOPICS, Some(own().count() as f64).filter(|_| is_listed)),
        (
            metrics::PULSAR_UNLOADED_TOPICS,
            Some(unloaded as f64).filter(|_| is_listed),
        ),
        (
            metrics::PULSAR_SUBSCRIPTIONS,
            Some(subscribed().sum::<f64>()).filter(|_| is_listed && unloaded == 0),
        ),
        (metrics::PUBLISHED, view.odometer.all().filter(|_| are_counted)),
        (
            metrics::CONSUMERS,
            sampled(metrics::CONSUMERS, EntityKind::Subscription)
                .reduce(|sum, value| sum + value)
                .filter(|_| !is_torn),
        ),
        (
            metrics::CONNECTIONS,
            Some(connected.iter().sum::<f64>()).filter(|_| brokers.is_some_and(|brokers| brokers == connected.len())),
        ),
        (metrics::DEPTH, sum(depths).filter(|_| is_listed)),
    ];
    into.sample(&EntityKey::cluster(), values);
}

pub fn reachable(memory: &Memory) -> CheckResult {
    let version = memory.version.as_deref().unwrap_or("of unknown version");
    checks::REACHABLE.result(EntityKey::cluster(), Status::Ok, format!("Pulsar {version} answers"))
}

pub fn login(memory: &Memory) -> CheckResult {
    match memory.is_super_user {
        Some(false) => {
            let text = "the role is no super-user: brokers and bookies stay hidden";
            checks::LOGIN.result(EntityKey::cluster(), Status::Warning, text)
        }
        _ => checks::LOGIN.result(EntityKey::cluster(), Status::Ok, "the role sees the whole cluster"),
    }
}

/// How the collector works at this size.
pub fn tier(memory: &Memory, is_one_by_one: bool) -> String {
    match (
        memory.is_super_user,
        memory.warnings.get(&About::Metrics).is_none_or(Vec::is_empty),
    ) {
        (Some(false), _) if is_one_by_one => "each topic asked by itself".into(),
        (Some(false), _) => "figures from metrics, without clients".into(),
        (_, true) => "statistics and metrics of every topic".into(),
        (_, false) => "statistics of every topic, without metrics".into(),
    }
}
