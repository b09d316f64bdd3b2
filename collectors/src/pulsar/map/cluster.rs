//! The cluster as a whole: its totals, and how it is watched.

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, CheckResult, Entity, EntityKey, EntityKind, Status, metrics};

use super::Mapped;
use crate::pulsar::checks;
use crate::pulsar::inventory::Whole;
use crate::pulsar::memory::{About, Memory};
use crate::pulsar::names::TopicName;

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

/// Totals of the cluster; none of them where some broker told nothing.
pub fn totals(wholes: &BTreeMap<TopicName, Whole<'_>>, is_incomplete: bool, into: &mut Mapped) {
    if is_incomplete {
        return;
    }
    let sum = |metric, kind| {
        let of_kind = into
            .samples
            .iter()
            .filter(|sample| sample.metric == metric && sample.entity.kind == kind);
        of_kind.map(|sample| sample.value).reduce(|sum, value| sum + value)
    };
    let own = || wholes.iter().filter(|(name, _)| !name.is_internal());
    let unloaded: usize = own().map(|(_, whole)| whole.unloaded.len()).sum();
    let values = [
        (metrics::PULSAR_TOPICS, Some(own().count() as f64)),
        (metrics::PULSAR_UNLOADED_TOPICS, Some(unloaded as f64)),
        (
            metrics::PULSAR_SUBSCRIPTIONS,
            sum(metrics::PULSAR_SUBSCRIPTIONS, EntityKind::Namespace),
        ),
        (metrics::PUBLISHED, sum(metrics::PUBLISHED, EntityKind::Namespace)),
        (metrics::CONSUMERS, sum(metrics::CONSUMERS, EntityKind::Subscription)),
        (metrics::CONNECTIONS, sum(metrics::CONNECTIONS, EntityKind::Node)),
        (metrics::DEPTH, sum(metrics::DEPTH, EntityKind::Topic)),
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
