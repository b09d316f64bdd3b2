//! The health checks of a Kafka cluster: their table, and their results from one visit. Pure.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, EntityKind, Status};
use brokerscope_figures::format::percent;

use super::offsets::Offsets;
use super::wire::{Cluster, Metadata, Partition, TopicConfig, Trouble};

const BROKER_REACHABLE: &str = "broker_reachable";
const CONTROLLER: &str = "controller";
const OFFLINE: &str = "offline_partitions";
const UNDER_REPLICATED: &str = "under_replicated_partitions";
const BELOW_MIN_ISR: &str = "partitions_below_min_isr";
const PREFERRED_LEADERS: &str = "preferred_leaders";

/// Kafka moves leadership back by itself above this share (`leader.imbalance.per.broker.percentage`).
const IMBALANCE: f64 = 0.10;

pub fn table() -> Vec<CheckDef> {
    vec![
        CheckDef::new(
            BROKER_REACHABLE,
            "Broker reachable",
            "The cluster lists the broker as alive, and it answers Brokerscope at its advertised address.",
            "Look at the broker's process and log. If only Brokerscope cannot reach it, check advertised.listeners, name \
             lookup and firewalls between the two.",
        ),
        CheckDef::new(
            CONTROLLER,
            "Controller",
            "The cluster names a broker that passes administrative requests to its controller.",
            "Without a controller no leader can be elected and no topic created: look at the logs of the controllers, or of \
             ZooKeeper on old clusters, and at whether a majority of them runs.",
        ),
        CheckDef::new(
            OFFLINE,
            "Offline partitions",
            "Every partition has a leader.",
            "Start the brokers that hold the replicas of these partitions. Electing an out-of-sync replica instead loses \
             messages.",
        ),
        CheckDef::new(
            UNDER_REPLICATED,
            "Under-replicated partitions",
            "Every replica of every partition is in sync.",
            "Look for a broker that is down, restarting, slow on disk or network, or out of space.",
        ),
        CheckDef::new(
            BELOW_MIN_ISR,
            "Minimum in-sync replicas",
            "Every partition has at least min.insync.replicas in sync, so that writes with acks=all are accepted.",
            "Bring the missing brokers back: until then producers with acks=all get errors for these partitions.",
        ),
        CheckDef::new(
            PREFERRED_LEADERS,
            "Leaders in their place",
            "At most 10 % of each broker's preferred partitions are led by another broker, so that the load is spread as \
             planned.",
            "Kafka moves leaders back by itself within minutes when auto.leader.rebalance.enable is on; otherwise run a \
             preferred leader election.",
        ),
    ]
}

pub fn results(
    metadata: &Metadata,
    cluster: &Result<Cluster, Trouble>,
    ends: &Offsets,
    configs: &BTreeMap<String, Result<TopicConfig, Trouble>>,
) -> Vec<CheckResult> {
    let mut results = brokers(metadata, ends);
    results.push(controller(cluster));
    results.push(offline(metadata));
    results.push(under_replicated(metadata));
    results.push(min_isr(metadata, configs));
    results.push(preferred_leaders(metadata));
    results
}

fn result(entity: EntityKey, check: &str, status: Status, text: String) -> CheckResult {
    CheckResult {
        entity,
        check: CheckId(check.into()),
        status,
        text,
        absent: None,
    }
}

fn on_cluster(check: &str, status: Status, text: String) -> CheckResult {
    result(EntityKey::cluster(), check, status, text)
}

/// Every partition with its topic's name.
fn partitions(metadata: &Metadata) -> impl Iterator<Item = (&str, &Partition)> {
    metadata.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|partition| (topic.name.as_str(), partition))
    })
}

fn brokers(metadata: &Metadata, ends: &Offsets) -> Vec<CheckResult> {
    let node = |id: i32| EntityKey::new(EntityKind::Node, [id.to_string()]);
    let mut results = Vec::new();
    for broker in &metadata.brokers {
        let address = format!("{}:{}", broker.host, broker.port);
        let (status, text) = match ends.silent.get(&broker.id) {
            None => (Status::Ok, format!("alive at {address}")),
            Some(silence) => (
                Status::Critical,
                format!(
                    "alive in the cluster's eyes, but does not answer at {address}: {}",
                    silence.trouble.text
                ),
            ),
        };
        results.push(result(node(broker.id), BROKER_REACHABLE, status, text));
    }
    let listed: BTreeSet<i32> = metadata.brokers.iter().map(|broker| broker.id).collect();
    let mut missing: BTreeMap<i32, usize> = BTreeMap::new();
    for id in partitions(metadata).flat_map(|(_, partition)| &partition.replicas) {
        if !listed.contains(id) {
            *missing.entry(*id).or_default() += 1;
        }
    }
    for (id, replicas) in missing {
        let text = format!("not listed by the cluster, and holds {replicas} replicas");
        results.push(result(node(id), BROKER_REACHABLE, Status::Critical, text));
    }
    results
}

fn controller(cluster: &Result<Cluster, Trouble>) -> CheckResult {
    match cluster {
        Ok(Cluster {
            controller: Some(id), ..
        }) => on_cluster(CONTROLLER, Status::Ok, format!("reached through broker {id}")),
        Ok(_) => on_cluster(CONTROLLER, Status::Critical, "no broker knows a controller".into()),
        Err(trouble) => CheckResult {
            absent: Some(Absence::Failed),
            ..on_cluster(
                CONTROLLER,
                Status::Unknown,
                format!("could not be asked: {}", trouble.text),
            )
        },
    }
}

fn offline(metadata: &Metadata) -> CheckResult {
    let offline = partitions(metadata).filter(|(_, partition)| partition.is_offline());
    counted(OFFLINE, Status::Critical, offline, "without a leader", metadata)
}

fn under_replicated(metadata: &Metadata) -> CheckResult {
    let under = partitions(metadata).filter(|(_, partition)| partition.is_under_replicated());
    counted(
        UNDER_REPLICATED,
        Status::Warning,
        under,
        "with replicas out of sync",
        metadata,
    )
}

fn min_isr(metadata: &Metadata, configs: &BTreeMap<String, Result<TopicConfig, Trouble>>) -> CheckResult {
    let least = |topic: &str| {
        let config = configs.get(topic)?.as_ref().ok()?;
        usize::try_from(config.number("min.insync.replicas")?).ok()
    };
    let known = metadata
        .topics
        .iter()
        .filter(|topic| least(&topic.name).is_some())
        .count();
    if known == 0 && !metadata.topics.is_empty() {
        return CheckResult {
            absent: Some(Absence::NoData),
            ..on_cluster(
                BELOW_MIN_ISR,
                Status::Unknown,
                "min.insync.replicas of no topic is known".into(),
            )
        };
    }
    // Brokers never ask for more than there are replicas.
    let below = partitions(metadata).filter(|(topic, partition)| {
        least(topic).is_some_and(|least| partition.isr.len() < least.min(partition.replicas.len()))
    });
    counted(
        BELOW_MIN_ISR,
        Status::Critical,
        below,
        "with fewer than min.insync.replicas in sync",
        metadata,
    )
}

/// Ok when there are none; otherwise how many, and the first as an example.
fn counted<'a>(
    check: &str,
    otherwise: Status,
    bad: impl Iterator<Item = (&'a str, &'a Partition)>,
    what: &str,
    metadata: &Metadata,
) -> CheckResult {
    let all = partitions(metadata).count();
    let mut bad = bad.peekable();
    let Some((topic, partition)) = bad.peek().copied() else {
        return on_cluster(check, Status::Ok, format!("none of {all} partitions"));
    };
    let example = format!("{topic}/{}", partition.id);
    let count = bad.count();
    let text = format!("{count} of {all} partitions {what}, for example {example}");
    on_cluster(check, otherwise, text)
}

fn preferred_leaders(metadata: &Metadata) -> CheckResult {
    // Of each broker's preferred partitions: all of them, and those that another broker leads.
    let mut places: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    for (_, partition) in partitions(metadata) {
        if let (Some(preferred), Some(leader)) = (partition.replicas.first(), partition.leader) {
            let place = places.entry(*preferred).or_default();
            place.0 += 1;
            place.1 += usize::from(leader != *preferred);
        }
    }
    let share = |(all, elsewhere): (usize, usize)| elsewhere as f64 / all as f64;
    let worst = places.into_iter().max_by(|a, b| share(a.1).total_cmp(&share(b.1)));
    match worst {
        Some((id, place)) if share(place) > IMBALANCE => on_cluster(
            PREFERRED_LEADERS,
            Status::Warning,
            format!(
                "{} of the partitions that broker {id} should lead are led by others",
                percent(share(place))
            ),
        ),
        Some((id, place)) => on_cluster(
            PREFERRED_LEADERS,
            Status::Ok,
            format!("at most {} led by others (broker {id})", percent(share(place))),
        ),
        None => on_cluster(PREFERRED_LEADERS, Status::Ok, "no partitions".into()),
    }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
