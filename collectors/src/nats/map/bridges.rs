//! What the cluster is connected to: leaf nodes, and other clusters through gateways.
//!
//! The list of endpoints is never declared complete: origins of streams are endpoints too, and told elsewhere. One
//! that has left becomes stale.

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, Entity, EntityKey, Snapshot, Status, metrics};

use super::Samples;
use crate::nats::checks;
use crate::nats::gathered::{Gathered, good};
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::odometer::Reading;
use crate::nats::wire::Leaf;

pub fn map(gathered: &Gathered, memory: &mut Memory, out: &mut Snapshot) {
    if let Some(leafz) = &gathered.leafz {
        let mut leafs: BTreeMap<&str, Vec<(&str, &Leaf)>> = BTreeMap::new();
        for (server, answer) in good(leafz) {
            for leaf in &answer.leafs {
                let name = if leaf.name.is_empty() { &leaf.ip } else { &leaf.name };
                leafs.entry(name).or_default().push((server, leaf));
            }
        }
        for (name, connections) in leafs {
            leaf(name, &connections, gathered, memory, out);
        }
    }
    gateways(gathered, out);
}

/// A counter, and where one connection has it.
type Counter = (brokerscope_contract::MetricId, fn(&Leaf) -> f64);

/// A leaf node has one connection for each account that it shares.
fn leaf(name: &str, connections: &[(&str, &Leaf)], gathered: &Gathered, memory: &mut Memory, out: &mut Snapshot) {
    let mut entity = Entity::new(names::endpoint(&format!("leaf node {name}")));
    let join = |mut words: Vec<&str>| {
        words.sort_unstable();
        words.dedup();
        words.join(", ")
    };
    let servers = join(connections.iter().map(|(server, _)| *server).collect());
    let accounts = join(connections.iter().map(|(_, leaf)| leaf.account.as_str()).collect());
    entity.parent = connections.first().map(|(server, _)| names::node(server));
    entity.attributes.push(Attribute::new("connected to", servers));
    entity.attributes.push(Attribute::new("accounts", accounts));
    let is_hub = connections.iter().any(|(_, leaf)| leaf.is_spoke);
    let side = if is_hub { "hub: this side is the leaf" } else { "leaf" };
    entity.attributes.push(Attribute::new("side", side));
    let key = entity.key.clone();
    out.entities.push(entity);
    let counters: [Counter; 4] = [
        (metrics::PUBLISHED, |leaf| leaf.in_msgs),
        (metrics::DELIVERED, |leaf| leaf.out_msgs),
        (metrics::NATS_RECEIVED_BYTES, |leaf| leaf.in_bytes),
        (metrics::NATS_SENT_BYTES, |leaf| leaf.out_bytes),
    ];
    for (metric, of) in counters {
        let sums = connections.iter().map(|(server, leaf)| {
            let reading = Reading {
                part: &format!("{server}/{}", leaf.account),
                count: of(leaf),
                // A server counts for a leaf node since it is connected, and does not say since when that is.
                since: None,
            };
            memory.sum(gathered.at, &key, metric, reading)
        });
        let sum = sums.last();
        Samples::of(&key, out).add_known(metric, sum);
    }
    let subscriptions = connections.iter().map(|(_, leaf)| leaf.subscriptions).sum();
    Samples::of(&key, out).add(metrics::NATS_SUBSCRIPTIONS, subscriptions);
}

fn gateways(gathered: &Gathered, out: &mut Snapshot) {
    let Some(answers) = &gathered.gatewayz else { return };
    let mut remote: BTreeMap<&str, Vec<(&str, bool)>> = BTreeMap::new();
    for (server, answer) in good(answers) {
        for (cluster, gateway) in &answer.outbound_gateways {
            let connected = gateway.connection.is_some();
            if gateway.configured || connected {
                remote.entry(cluster).or_default().push((server, connected));
            }
        }
    }
    let mut down = Vec::new();
    for (cluster, servers) in &remote {
        let mut entity = Entity::new(names::endpoint(&format!("cluster {cluster}")));
        entity.attributes.push(Attribute::new("connected by", "gateway"));
        out.entities.push(entity);
        let missing = servers.iter().filter(|(_, connected)| !connected);
        down.extend(missing.map(|(server, _)| format!("{server} to {cluster}")));
    }
    if !remote.is_empty() {
        let clusters: Vec<String> = remote.keys().map(|cluster| (*cluster).to_string()).collect();
        let result = match down.is_empty() {
            true => (Status::Ok, format!("connected to {}", checks::some_of(&clusters))),
            false => (Status::Critical, format!("not connected: {}", checks::some_of(&down))),
        };
        out.checks
            .push(checks::GATEWAYS.result(EntityKey::cluster(), result.0, result.1));
    }
}
