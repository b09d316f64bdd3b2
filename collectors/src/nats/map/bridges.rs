//! What the cluster is connected to: leaf nodes, and other clusters through gateways; with edges to them.
//!
//! Messages go both ways, for as many subjects as somebody listens to on the other side: an edge says that there is a
//! way, not what takes it. Its near end stands for the servers on this side.
//!
//! The list of endpoints is never declared complete: origins of streams are endpoints too, and told elsewhere. One
//! that has left becomes stale.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{
    Attribute, Elsewhere, Entity, EntityKey, Evidence, Link, LinkKind, Site, Snapshot, Status, System, metrics,
};

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
        memory.leaf_links.clear();
        for (name, connections) in leafs {
            leaf(name, &connections, gathered, memory, out);
        }
    }
    gateways(gathered, memory, out);
}

/// The side that a server is on: its cluster, or itself where it has none.
fn near_side(server: &str, gathered: &Gathered) -> EntityKey {
    let varz = gathered.varz.iter().find(|(name, _)| name == server);
    let cluster = varz.map_or("", |(_, varz)| match varz.gateway.name.as_str() {
        "" => &varz.cluster.name,
        name => name,
    });
    match cluster {
        "" => names::endpoint(&format!("server {server}")),
        cluster => cluster_key(cluster),
    }
}

fn cluster_key(cluster: &str) -> EntityKey {
    names::endpoint(&format!("cluster {cluster}"))
}

fn tell_once(entity: Entity, out: &mut Snapshot) {
    let is_told = out.entities.iter().any(|told| told.key == entity.key);
    if !is_told {
        out.entities.push(entity);
    }
}

/// The way between two sides, there and back.
fn both_ways(near: &EntityKey, far: &EntityKey, label: &str, evidence: Evidence) -> [Link; 2] {
    [(near, far), (far, near)].map(|(from, to)| Link {
        from: from.clone(),
        to: to.clone(),
        kind: LinkKind::Copies,
        label: Some(label.to_string()),
        evidence,
    })
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
    for (server, leaf) in connections {
        let near = near_side(server, gathered);
        let label = format!("leaf node, account {}", leaf.account);
        memory
            .leaf_links
            .extend(both_ways(&near, &key, &label, Evidence::Connected));
        tell_once(Entity::new(near), out);
    }
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

/// Whether each server of a cluster is connected to another cluster, by the two clusters.
type Ways<'a> = BTreeMap<(EntityKey, &'a str), Vec<(&'a str, bool)>>;

fn gateways(gathered: &Gathered, memory: &mut Memory, out: &mut Snapshot) {
    let Some(answers) = &gathered.gatewayz else { return };
    let mut ways = Ways::new();
    for (server, answer) in good(answers) {
        let near = match answer.name.as_str() {
            "" => near_side(server, gathered),
            name => cluster_key(name),
        };
        let connected = |cluster: &str| {
            let outbound = answer.outbound_gateways.get(cluster);
            outbound.is_some_and(|outbound| outbound.connection.is_some())
        };
        // The page of gateways leaves out a cluster that it is not connected to.
        let varz = gathered.varz.iter().filter(|(name, _)| name == server);
        let configured = varz.flat_map(|(_, varz)| &varz.gateway.gateways);
        let configured = configured.map(|gateway| gateway.name.as_str());
        let told = answer.outbound_gateways.iter();
        let told = told.filter(|(cluster, outbound)| outbound.configured || connected(cluster));
        let all: BTreeSet<&str> = configured.chain(told.map(|(cluster, _)| cluster.as_str())).collect();
        for cluster in all.into_iter().filter(|cluster| cluster_key(cluster) != near) {
            let way = ways.entry((near.clone(), cluster)).or_default();
            way.push((server, connected(cluster)));
        }
    }
    memory.gateway_links.clear();
    let mut down = Vec::new();
    // As a far side a cluster is described; where it is here as well, that stands.
    for (_, cluster) in ways.keys() {
        tell_once(far_side(cluster, gathered), out);
    }
    for ((near, cluster), servers) in &ways {
        let far = cluster_key(cluster);
        let evidence = match servers.iter().any(|(_, connected)| *connected) {
            true => Evidence::Connected,
            false => Evidence::Declared,
        };
        memory.gateway_links.extend(both_ways(near, &far, "gateway", evidence));
        tell_once(Entity::new(near.clone()), out);
        let missing = servers.iter().filter(|(_, connected)| !connected);
        down.extend(missing.map(|(server, _)| format!("{server} to {cluster}")));
    }
    if !ways.is_empty() {
        let mut clusters: Vec<String> = ways.keys().map(|(_, cluster)| (*cluster).to_string()).collect();
        clusters.sort_unstable();
        clusters.dedup();
        let result = match down.is_empty() {
            true => (Status::Ok, format!("connected to {}", checks::some_of(&clusters))),
            false => (Status::Critical, format!("not connected: {}", checks::some_of(&down))),
        };
        out.checks
            .push(checks::GATEWAYS.result(EntityKey::cluster(), result.0, result.1));
    }
}

/// Another cluster. Where its servers do not answer here, another connection may watch them.
fn far_side(cluster: &str, gathered: &Gathered) -> Entity {
    let mut entity = Entity::new(cluster_key(cluster));
    entity.attributes.push(Attribute::new("connected by", "gateway"));
    let is_here = gathered
        .varz
        .iter()
        .any(|(_, varz)| varz.gateway.name == cluster || varz.cluster.name == cluster);
    if !is_here {
        entity.stands_for = Some(Elsewhere {
            system: System::Nats,
            at: Site::Cluster(cluster.to_string()),
            keys: vec![entity.key.clone()],
        });
    }
    entity
}
