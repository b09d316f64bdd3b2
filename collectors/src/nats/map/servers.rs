//! Servers: what each one carries, and whether it is well.

use brokerscope_contract::{
    Attribute, CheckResult, Entity, EntityKey, EntityKind, Snapshot, Status, Timestamp, metrics,
};
use brokerscope_figures::format::{bytes, count};

use super::Samples;
use crate::nats::access::Level;
use crate::nats::checks;
use crate::nats::gathered::{Gathered, good};
use crate::nats::instant;
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::wire::Varz;

const MONTH_SECONDS: f64 = 30.0 * 86_400.0;

pub fn map(gathered: &Gathered, memory: &Memory, out: &mut Snapshot) {
    if gathered.level == Level::Account {
        return;
    }
    for (server, varz) in &gathered.varz {
        out.entities.push(entity(server, varz));
        samples(server, varz, out);
        out.checks.extend(of_server(server, varz, gathered.at));
        out.checks.push(slow_consumers(server, varz, memory));
    }
    for (server, failure) in &gathered.silent {
        let key = names::node(server);
        // A server that never answered is known by its address only, and is no entity yet.
        if memory.servers.contains_key(server) {
            out.entities.push(Entity::new(key.clone()));
            out.checks
                .push(checks::SERVER_ANSWERS.result(key, Status::Critical, failure.to_string()));
        } else {
            let text = format!("{server}: {failure}");
            out.checks
                .push(checks::SERVER_ANSWERS.result(EntityKey::cluster(), Status::Critical, text));
        }
    }
    for (server, health) in good(&gathered.health) {
        let (status, text) = match health.status.as_str() {
            "ok" => (Status::Ok, "accepts connections".to_string()),
            other => (Status::Critical, format!("{other}: {}", health.error)),
        };
        out.checks
            .push(checks::SERVER_HEALTH.result(names::node(server), status, text));
    }
    routes(gathered, out);
    totals(gathered, out);
    out.complete.push(EntityKind::Node);
}

fn entity(server: &str, varz: &Varz) -> Entity {
    let mut entity = Entity::new(names::node(server));
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            entity.attributes.push(Attribute::new(name, value));
        }
    };
    add("version", &varz.version);
    add("cluster", &varz.cluster.name);
    add("gateway", &varz.gateway.name);
    add("started", &varz.start);
    match &varz.jetstream.config {
        Some(config) => add("jetstream domain", &config.domain),
        None => add("jetstream", "off"),
    }
    if varz.max_pending > 0.0 {
        let limit = Attribute::new("max_pending", bytes(varz.max_pending));
        let note = "a connection for which more waits is closed as a slow consumer";
        entity.attributes.push(limit.note(note));
    }
    entity
}

fn samples(server: &str, varz: &Varz, out: &mut Snapshot) {
    let mut samples = Samples::of(&names::node(server), out);
    let positive = |value: f64| (value > 0.0).then_some(value);
    samples.add(metrics::CONNECTIONS, varz.connections);
    samples.add_known(metrics::NATS_CONNECTION_LIMIT, positive(varz.max_connections));
    samples.add_known(metrics::MEMORY_USED, positive(varz.mem));
    samples.add_known(metrics::MEMORY_LIMIT, positive(varz.gomemlimit));
    samples.add_known(
        metrics::NATS_CPU,
        positive(varz.cores).map(|cores| varz.cpu / 100.0 / cores),
    );
    samples.add(metrics::NATS_SUBSCRIPTIONS, varz.subscriptions);
    samples.add(metrics::NATS_LEAFNODES, varz.leafnodes);
    // Without these, what routes bring would be counted as published once more on every server.
    samples.add_known(metrics::PUBLISHED, varz.in_client_msgs);
    samples.add_known(metrics::DELIVERED, varz.out_client_msgs);
    samples.add_known(metrics::NATS_RECEIVED_BYTES, varz.in_client_bytes);
    samples.add_known(metrics::NATS_SENT_BYTES, varz.out_client_bytes);
    samples.add(metrics::NATS_SLOW_CONSUMERS, varz.slow_consumers);
    samples.add_known(metrics::NATS_STALLED_CLIENTS, varz.stalled_clients);
    if let (Some(config), Some(stats)) = (&varz.jetstream.config, &varz.jetstream.stats) {
        samples.add(metrics::NATS_STORE_USED, stats.storage as f64);
        samples.add_known(metrics::NATS_STORE_LIMIT, positive(config.max_storage as f64));
        samples.add(metrics::NATS_MEMORY_STORE_USED, stats.memory as f64);
        samples.add_known(metrics::NATS_MEMORY_STORE_LIMIT, positive(config.max_memory as f64));
        samples.add(metrics::NATS_HA_ASSETS, stats.ha_assets);
    }
}

fn of_server(server: &str, varz: &Varz, at: Timestamp) -> Vec<CheckResult> {
    let key = names::node(server);
    let mut found = vec![checks::SERVER_ANSWERS.result(key.clone(), Status::Ok, format!("version {}", varz.version))];
    if varz.max_connections > 0.0 {
        let status = checks::of_limit(varz.connections, varz.max_connections);
        let text = format!(
            "{} of {} connections",
            count(varz.connections),
            count(varz.max_connections)
        );
        found.push(checks::CONNECTION_LIMIT.result(key.clone(), status, text));
    }
    if let (Some(config), Some(stats)) = (&varz.jetstream.config, &varz.jetstream.stats) {
        let kinds = [
            ("file storage", stats.storage as f64, config.max_storage as f64),
            ("memory storage", stats.memory as f64, config.max_memory as f64),
        ];
        let limited = kinds.iter().filter(|(_, _, limit)| *limit > 0.0);
        let status = limited
            .clone()
            .map(|(_, used, limit)| checks::of_limit(*used, *limit))
            .max();
        let texts: Vec<String> = limited
            .map(|(what, used, limit)| format!("{what} {} of {}", bytes(*used), bytes(*limit)))
            .collect();
        if let Some(status) = status {
            found.push(checks::JETSTREAM_STORAGE.result(key.clone(), status, texts.join(", ")));
        }
    }
    let expires = varz.tls_cert_not_after.as_deref();
    if let Some(expires) = expires.and_then(instant::timestamp) {
        let left = expires.seconds_since(at);
        let status = match left {
            left if left <= 0.0 => Status::Critical,
            left if left < MONTH_SECONDS => Status::Warning,
            _ => Status::Ok,
        };
        let text = format!("the certificate expires in {} days", count((left / 86_400.0).floor()));
        found.push(checks::CERTIFICATES.result(key, status, text));
    }
    found
}

fn slow_consumers(server: &str, varz: &Varz, memory: &Memory) -> CheckResult {
    let lately: Vec<String> = memory
        .cut_off
        .iter()
        .filter(|one| one.server == server)
        .map(|one| format!("{} ({})", one.who, one.reason))
        .collect();
    let (status, text) = match lately.len() {
        0 => (
            Status::Ok,
            format!("{} since the server started, none lately", count(varz.slow_consumers)),
        ),
        _ => (Status::Warning, format!("closed lately: {}", checks::some_of(&lately))),
    };
    checks::SLOW_CONSUMERS.result(names::node(server), status, text)
}

/// Servers of one cluster that have no route to each other.
fn routes(gathered: &Gathered, out: &mut Snapshot) {
    let Some(routez) = &gathered.routez else { return };
    for (server, routes) in good(routez) {
        let Some((_, own)) = gathered.varz.iter().find(|(name, _)| name == server) else {
            continue;
        };
        let peers = gathered.varz.iter().filter(|(name, varz)| {
            name != server && !varz.cluster.name.is_empty() && varz.cluster.name == own.cluster.name
        });
        let peers: Vec<String> = peers.map(|(name, _)| name.clone()).collect();
        if peers.is_empty() {
            continue;
        }
        let missing: Vec<String> = peers
            .iter()
            .filter(|peer| !routes.routes.iter().any(|route| route.remote_name == **peer))
            .cloned()
            .collect();
        let result = match missing.is_empty() {
            true => (Status::Ok, format!("connected to {}", checks::some_of(&peers))),
            false => (Status::Critical, format!("no route to {}", checks::some_of(&missing))),
        };
        out.checks
            .push(checks::ROUTES.result(names::node(server), result.0, result.1));
    }
}

/// Of the whole, where all servers answered.
fn totals(gathered: &Gathered, out: &mut Snapshot) {
    if gathered.silent.is_empty() && !gathered.varz.is_empty() {
        let connections = gathered.varz.iter().map(|(_, varz)| varz.connections).sum();
        Samples::of(&EntityKey::cluster(), out).add(metrics::CONNECTIONS, connections);
    }
}
