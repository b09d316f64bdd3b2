//! The health checks of a Kafka cluster: their table, and their results from one visit. Pure.

mod brokers;
mod controllers;
mod disks;
mod partitions;

use std::collections::BTreeMap;

use brokerscope_contract::{CheckDef, CheckId, CheckResult, EntityKey, EntityKind, Status};

use super::offsets::Offsets;
use super::vendor::Vendor;
use super::wire::{Cluster, Metadata, Survey, TopicConfig, Trouble, TroubleKind};
use super::{connect, registry};

const BROKER_REACHABLE: &str = "broker_reachable";
const CONTROLLER: &str = "controller";
const OFFLINE: &str = "offline_partitions";
const UNDER_REPLICATED: &str = "under_replicated_partitions";
const BELOW_MIN_ISR: &str = "partitions_below_min_isr";
const PREFERRED_LEADERS: &str = "preferred_leaders";
const LOG_DIRECTORIES: &str = "log_directories";
const QUORUM: &str = "controller_quorum";

pub fn table() -> Vec<CheckDef> {
    let mut table = of_brokers();
    table.extend(connect::checks::table());
    table.extend(registry::checks::table());
    table
}

fn of_brokers() -> Vec<CheckDef> {
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
    pub connect: &'a connect::Memory,
    pub registry: &'a registry::Memory,
}

impl Seen<'_> {
    fn vendor(&self) -> Vendor {
        self.cluster.as_ref().map(Vendor::of).unwrap_or_default()
    }
}

pub fn results(seen: &Seen<'_>) -> Vec<CheckResult> {
    let (metadata, vendor) = (seen.metadata, seen.vendor());
    let mut results = brokers::reachable(metadata, seen.ends);
    results.push(controllers::known(seen.cluster, vendor));
    results.push(partitions::offline(metadata));
    results.push(partitions::under_replicated(metadata));
    results.push(partitions::min_isr(metadata, seen.configs, vendor));
    results.push(partitions::preferred_leaders(metadata));
    if let Some(survey) = seen.survey {
        results.extend(
            metadata
                .brokers
                .iter()
                .filter_map(|broker| disks::log_directories(broker.id, survey, vendor)),
        );
        results.extend(brokers::missing(metadata).into_keys().map(disks::gone));
        let quorum = survey.quorum.as_ref();
        results.extend(quorum.map(|answer| controllers::quorum(answer, vendor)));
    }
    let id = seen.cluster.as_ref().ok().and_then(|cluster| cluster.id.as_deref());
    results.extend(connect::checks::results(seen.connect, id));
    results.extend(registry::checks::results(seen.registry));
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

fn node(broker: i32) -> EntityKey {
    EntityKey::new(EntityKind::Node, [broker.to_string()])
}

/// Not known, and why.
fn unknown(entity: EntityKey, check: &str, trouble: &Trouble, vendor: Vendor) -> CheckResult {
    let text = match trouble.kind() {
        TroubleKind::NotSupported => format!("not supported by {}", vendor.who()),
        _ => format!("could not be asked: {}", trouble.text),
    };
    CheckResult {
        absent: Some(trouble.absence()),
        ..result(entity, check, Status::Unknown, text)
    }
}

#[cfg(test)]
#[path = "../checks_tests.rs"]
mod tests;
