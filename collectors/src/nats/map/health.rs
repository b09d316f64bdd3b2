//! The health of JetStream: leaders, replicas, origins and limits, told by account and named by example.

use std::collections::BTreeMap;

use brokerscope_contract::{EntityKey, Snapshot, Status, metrics};
use brokerscope_figures::format::count;

use super::Samples;
use crate::nats::checks::{self, Check, some_of};
use crate::nats::instant;
use crate::nats::leaders::{Found, Inventory, StreamView};
use crate::nats::names;
use crate::nats::wire::Group;

/// Origins send a sign of life far more often.
const ORIGIN_SILENT_SECONDS: f64 = 60.0;

pub fn map(inventory: &Inventory, out: &mut Snapshot) {
    if let Some(meta) = &inventory.meta {
        meta_group(meta, out);
    }
    let mut accounts: BTreeMap<&str, Vec<&StreamView>> = BTreeMap::new();
    for view in inventory.streams.values() {
        accounts.entry(&view.account).or_default().push(view);
    }
    for (account, streams) in accounts {
        let key = names::account(account);
        let leaderless: Vec<String> = streams.iter().flat_map(|view| leaderless(view)).collect();
        summary(
            &key,
            checks::LEADERS,
            Status::Critical,
            &leaderless,
            "without a leader",
            out,
        );
        let behind: Vec<String> = streams.iter().flat_map(|view| behind(view)).collect();
        summary(
            &key,
            checks::REPLICAS,
            Status::Warning,
            &behind,
            "with a replica that is not current",
            out,
        );
        let silent: Vec<String> = streams.iter().flat_map(|view| silent_origins(view)).collect();
        summary(&key, checks::SOURCES, Status::Warning, &silent, "not heard from", out);
        let unread = streams.iter().filter(|view| is_unread_work(view));
        let unread: Vec<String> = unread.map(|view| view.name().to_string()).collect();
        summary(
            &key,
            checks::UNREAD_WORK,
            Status::Warning,
            &unread,
            "holding messages without any consumer",
            out,
        );
        limits(&key, &streams, out);
    }
}

fn summary(key: &EntityKey, check: Check, worst: Status, found: &[String], what: &str, out: &mut Snapshot) {
    let result = match found.len() {
        0 => (Status::Ok, format!("none {what}")),
        n => (worst, format!("{} {what}: {}", count(n as f64), some_of(found))),
    };
    out.checks.push(check.result(key.clone(), result.0, result.1));
}

fn meta_group(meta: &Found<Group>, out: &mut Snapshot) {
    let group = &meta.report;
    let cluster = EntityKey::cluster();
    if group.leader.is_empty() {
        let text = format!("no leader among {} servers", group.cluster_size);
        out.checks
            .push(checks::META_LEADER.result(cluster, Status::Critical, text));
        return;
    }
    let text = format!("{} leads {} servers", group.leader, group.cluster_size);
    out.checks
        .push(checks::META_LEADER.result(cluster.clone(), Status::Ok, text));
    if !meta.led {
        let text = format!("the leader {} did not answer", group.leader);
        let absent = brokerscope_contract::Absence::NoData;
        out.checks.push(checks::META_PEERS.unknown(cluster, absent, text));
        return;
    }
    let ill = group.replicas.iter().filter(|peer| peer.offline || !peer.current);
    let ill: Vec<String> = ill
        .map(|peer| match peer.offline {
            true => format!("{} is offline", peer.name),
            false => format!("{} is {} entries behind", peer.name, count(peer.lag)),
        })
        .collect();
    let result = match ill.is_empty() {
        true => (Status::Ok, format!("{} members are current", group.replicas.len() + 1)),
        false => (Status::Warning, some_of(&ill)),
    };
    out.checks
        .push(checks::META_PEERS.result(cluster.clone(), result.0, result.1));
    Samples::of(&cluster, out).add(metrics::NATS_API_PENDING, group.pending_requests);
}

/// The stream, and its consumers by their full names, which have a group that elected nobody.
fn leaderless(view: &StreamView) -> Vec<String> {
    let elected_nobody = |group: &Option<Group>| group.as_ref().is_some_and(|group| group.leader.is_empty());
    let mut found = Vec::new();
    if elected_nobody(&view.found.report.cluster) {
        found.push(view.name().to_string());
    }
    let consumers = view
        .consumers
        .iter()
        .filter(|(_, consumer)| elected_nobody(&consumer.found.report.cluster));
    found.extend(consumers.map(|(name, _)| format!("{}/{name}", view.name())));
    found
}

fn behind(view: &StreamView) -> Vec<String> {
    let lacks = |group: &Option<Group>, led: bool| {
        let replicas = group.as_ref().filter(|_| led).map(|group| group.replicas.as_slice());
        replicas
            .unwrap_or_default()
            .iter()
            .any(|peer| peer.offline || !peer.current)
    };
    let mut found = Vec::new();
    if lacks(&view.found.report.cluster, view.found.led) {
        found.push(view.name().to_string());
    }
    let consumers = view.consumers.iter();
    let lacking = consumers.filter(|(_, consumer)| lacks(&consumer.found.report.cluster, consumer.found.led));
    found.extend(lacking.map(|(name, _)| format!("{}/{name}", view.name())));
    found
}

fn silent_origins(view: &StreamView) -> Vec<String> {
    if !view.found.led {
        return Vec::new();
    }
    let report = &view.found.report;
    let origins = report.mirror.iter().chain(&report.sources);
    let silent = origins.filter(|origin| {
        let never_or_long_ago = instant::seconds(origin.active).is_none_or(|age| age > ORIGIN_SILENT_SECONDS);
        origin.error.is_some() || never_or_long_ago
    });
    silent
        .map(|origin| match &origin.error {
            Some(error) => format!("{} of {} ({})", origin.name, view.name(), error.description),
            None => format!("{} of {}", origin.name, view.name()),
        })
        .collect()
}

fn is_unread_work(view: &StreamView) -> bool {
    let is_queue = view
        .config
        .as_ref()
        .is_some_and(|config| config.retention == "workqueue");
    let state = &view.found.report.state;
    is_queue && view.found.led && state.messages > 0.0 && state.consumer_count == 0.0
}

/// Only streams that refuse when they are full: the others make room by themselves.
fn limits(key: &EntityKey, streams: &[&StreamView], out: &mut Snapshot) {
    let mut worst = Status::Ok;
    let mut near = Vec::new();
    for view in streams.iter().filter(|view| view.found.led) {
        let Some(config) = view.config.as_ref().filter(|config| config.discard == "new") else {
            continue;
        };
        let state = &view.found.report.state;
        for (used, limit, what) in [
            (state.messages, config.max_msgs as f64, "messages"),
            (state.bytes, config.max_bytes as f64, "bytes"),
        ] {
            let status = if limit > 0.0 {
                checks::of_limit(used, limit)
            } else {
                Status::Ok
            };
            if status > Status::Ok {
                near.push(format!("{} ({} of {} {what})", view.name(), count(used), count(limit)));
                worst = worst.max(status);
            }
        }
    }
    let text = match near.is_empty() {
        true => "none that refuses messages is near its limit".to_string(),
        false => some_of(&near),
    };
    out.checks.push(checks::STREAM_LIMITS.result(key.clone(), worst, text));
}
