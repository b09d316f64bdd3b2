//! The health checks of a Kafka cluster: their table, and their results from one visit. Pure.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, EntityKind, Status};
use brokerscope_figures::format::{bytes, percent};

use super::offsets::Offsets;
use super::wire::{Cluster, LogDir, Metadata, Partition, Quorum, Survey, TopicConfig, Trouble, Voter};

const BROKER_REACHABLE: &str = "broker_reachable";
const CONTROLLER: &str = "controller";
const OFFLINE: &str = "offline_partitions";
const UNDER_REPLICATED: &str = "under_replicated_partitions";
const BELOW_MIN_ISR: &str = "partitions_below_min_isr";
const PREFERRED_LEADERS: &str = "preferred_leaders";
const LOG_DIRECTORIES: &str = "log_directories";
const QUORUM: &str = "controller_quorum";

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
            QUORUM,
            "Controller quorum",
            "The controllers have a leader, and all of them follow it.",
            "Look at the controllers that fall behind or are down: without a majority nothing about the cluster can be \
             changed and no leader be elected.",
        ),
        CheckDef::new(
            LOG_DIRECTORIES,
            "Log directories",
            "Every log directory of the broker is in use and has at least 10 % of its volume free.",
            "A directory goes offline on an error of its disk: see the broker's log. When space runs out the broker stops: \
             shorten retention, add disk, or move partitions away.",
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

/// What the checks are made from.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub metadata: &'a Metadata,
    pub cluster: &'a Result<Cluster, Trouble>,
    pub ends: &'a Offsets,
    pub configs: &'a BTreeMap<String, Result<TopicConfig, Trouble>>,
    /// Some minutes old at most; `None` before the first one.
    pub survey: Option<&'a Survey>,
}

pub fn results(seen: &Seen<'_>) -> Vec<CheckResult> {
    let metadata = seen.metadata;
    let mut results = brokers(metadata, seen.ends);
    results.push(controller(seen.cluster));
    results.push(offline(metadata));
    results.push(under_replicated(metadata));
    results.push(min_isr(metadata, seen.configs));
    results.push(preferred_leaders(metadata));
    if let Some(survey) = seen.survey {
        results.extend(
            metadata
                .brokers
                .iter()
                .filter_map(|broker| log_directories(broker.id, survey)),
        );
        results.extend(survey.quorum.as_ref().map(quorum));
    }
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
        Err(trouble) => unknown(EntityKey::cluster(), CONTROLLER, trouble),
    }
}

/// A voter this much later than the leader does not follow; controllers fetch at least twice a second.
const FOLLOWS_WITHIN_MILLIS: i64 = 10_000;

fn quorum(answer: &Result<Quorum, Trouble>) -> CheckResult {
    let quorum = match answer {
        Ok(quorum) => quorum,
        Err(trouble) => return unknown(EntityKey::cluster(), QUORUM, trouble),
    };
    let caught_up = |voter: &Voter| voter.caught_up_at_millis;
    let leader = quorum.voters.iter().find(|voter| Some(voter.id) == quorum.leader);
    let (Some(leader), all) = (leader, quorum.voters.len()) else {
        return on_cluster(QUORUM, Status::Critical, "no controller leads".into());
    };
    let behind: Vec<&Voter> = quorum
        .voters
        .iter()
        .filter(|voter| voter.id != leader.id)
        .filter(|voter| match (caught_up(leader), caught_up(voter)) {
            (Some(leader), Some(voter)) => leader - voter > FOLLOWS_WITHIN_MILLIS,
            // The time of a voter that has never followed is left out.
            (Some(_), None) => true,
            // Before 3.3 there are no times, only positions.
            (None, _) => leader
                .log_end
                .zip(voter.log_end)
                .is_some_and(|(end, own)| end - own > 1_000),
        })
        .collect();
    let names = |voters: &[&Voter]| {
        voters
            .iter()
            .map(|voter| voter.id.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let healthy = all - behind.len();
    let text = format!("controller {} leads, {healthy} of {all} up to date", leader.id);
    match behind.len() {
        0 => on_cluster(QUORUM, Status::Ok, text),
        n if healthy * 2 > all => {
            let last = if healthy * 2 - all <= 2 && n > 0 {
                "; the loss of one more can end the majority"
            } else {
                ""
            };
            on_cluster(
                QUORUM,
                Status::Warning,
                format!("{text}; behind or down: {}{last}", names(&behind)),
            )
        }
        _ => on_cluster(
            QUORUM,
            Status::Critical,
            format!("{text}: no majority; behind or down: {}", names(&behind)),
        ),
    }
}

/// Less than this share of a volume free is worth a warning, and less than a third of it more than that.
const DISK_LOW: f64 = 0.10;

fn log_directories(broker: i32, survey: &Survey) -> Option<CheckResult> {
    let node = EntityKey::new(EntityKind::Node, [broker.to_string()]);
    let dirs = match survey.log_dirs(broker)? {
        Ok(dirs) => dirs,
        Err(trouble) => return Some(unknown(node, LOG_DIRECTORIES, trouble)),
    };
    if let Some((dir, trouble)) = dirs.iter().find_map(|dir| Some((dir, dir.trouble.as_ref()?))) {
        let text = format!("{} is offline: {}", dir.path, trouble.text);
        return Some(result(node, LOG_DIRECTORIES, Status::Critical, text));
    }
    let free = |dir: &LogDir| {
        Some((
            dir.usable_bytes? as f64,
            dir.total_bytes.filter(|total| *total > 0)? as f64,
        ))
    };
    let fullest = dirs
        .iter()
        .filter_map(|dir| Some((dir, free(dir)?)))
        .min_by(|(_, a), (_, b)| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let Some((dir, (usable, total))) = fullest else {
        let text = format!(
            "{} in use; how full is not told before Kafka 3.3",
            many(dirs.len(), "directory", "directories")
        );
        return Some(result(node, LOG_DIRECTORIES, Status::Ok, text));
    };
    let share = usable / total;
    let status = match share {
        share if share < DISK_LOW / 3.0 => Status::Critical,
        share if share < DISK_LOW => Status::Warning,
        _ => Status::Ok,
    };
    let text = format!("{} free ({}) at {}", bytes(usable), percent(share), dir.path);
    Some(result(node, LOG_DIRECTORIES, status, text))
}

/// Not known, and why.
fn unknown(entity: EntityKey, check: &str, trouble: &Trouble) -> CheckResult {
    CheckResult {
        absent: Some(trouble.absence()),
        ..result(
            entity,
            check,
            Status::Unknown,
            format!("could not be asked: {}", trouble.text),
        )
    }
}

fn many(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
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
