//! Whether every broker is alive and within reach.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{CheckResult, Status};

use super::super::offsets::Offsets;
use super::super::wire::Metadata;
use super::{BROKER_REACHABLE, node, result};

pub fn reachable(metadata: &Metadata, ends: &Offsets) -> Vec<CheckResult> {
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
    for (id, replicas) in missing(metadata) {
        let text = format!("not listed by the cluster, and holds {replicas} replicas");
        results.push(result(node(id), BROKER_REACHABLE, Status::Critical, text));
    }
    results
}

/// Brokers that the cluster does not list, with the replicas that each of them holds.
pub fn missing(metadata: &Metadata) -> BTreeMap<i32, usize> {
    let listed: BTreeSet<i32> = metadata.brokers.iter().map(|broker| broker.id).collect();
    let mut missing: BTreeMap<i32, usize> = BTreeMap::new();
    for id in metadata
        .topics
        .iter()
        .flat_map(|topic| &topic.partitions)
        .flat_map(|partition| &partition.replicas)
    {
        if !listed.contains(id) {
            *missing.entry(*id).or_default() += 1;
        }
    }
    missing
}
