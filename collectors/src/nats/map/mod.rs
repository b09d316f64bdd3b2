//! From answers to a snapshot. No I/O, and no clock but the time that is handed in.

pub mod accounts;
pub mod blind_spots;
pub mod bridges;
pub mod clients;
pub mod consumers;
mod health;
pub mod servers;
pub mod slow;
pub mod streams;

use brokerscope_contract::{Entity, EntityKey, EntityKind, Sample, ServerInfo, Snapshot, Status};

use super::access::Level;
use super::advisories::Advisories;
use super::checks;
use super::gathered::Gathered;
use super::memory::Memory;

/// The snapshot of a visit.
pub fn snapshot(gathered: &Gathered, advisories: &Advisories, memory: &mut Memory) -> Snapshot {
    let mut out = Snapshot::empty(gathered.at);
    out.entities.push(Entity::new(EntityKey::cluster()));
    slow::note(gathered, memory);
    servers::map(gathered, memory, &mut out);
    accounts::map(gathered, memory, &mut out);
    if let Some(inventory) = &gathered.jetstream {
        streams::map(inventory, memory, &mut out);
        consumers::map(inventory, advisories, gathered.at, memory, &mut out);
        health::map(inventory, &mut out);
        if inventory.complete {
            out.complete.push(EntityKind::Stream);
        }
        // Otherwise a consumer that was made anew under its old name would be missed for a while.
        if inventory.complete && inventory.described {
            out.complete.push(EntityKind::StreamConsumer);
        }
    }
    clients::map(gathered, memory, &mut out);
    bridges::map(gathered, memory, &mut out);
    let links = memory
        .stream_links
        .iter()
        .chain(&memory.client_links)
        .chain(&memory.leaf_links)
        .chain(&memory.gateway_links)
        .cloned()
        .collect();
    out.links = memory.news_of(links);
    out.warnings = blind_spots::warnings(gathered, advisories);
    out.server = server_info(gathered);
    let said = out
        .server
        .version
        .clone()
        .unwrap_or_else(|| "of unknown version".into());
    let answers = format!("nats-server {said} answers");
    let cluster = EntityKey::cluster();
    out.checks
        .push(checks::REACHABLE.result(cluster.clone(), Status::Ok, answers));
    out.checks.push(login(gathered, cluster));
    out
}

fn login(gathered: &Gathered, cluster: EntityKey) -> brokerscope_contract::CheckResult {
    let refused = gathered
        .failures
        .iter()
        .find(|(_, failure)| failure.absence() == brokerscope_contract::Absence::NotPermitted);
    match refused {
        Some((what, failure)) => checks::LOGIN.result(cluster, Status::Warning, format!("{what}: {failure}")),
        None => checks::LOGIN.result(cluster, Status::Ok, described(gathered.level)),
    }
}

/// What a way in shows, for people.
pub fn described(level: Level) -> &'static str {
    match level {
        Level::System => "system account: all servers and accounts",
        Level::Monitoring => "monitoring ports: the listed servers with all their accounts",
        Level::Account => "ordinary account: its own streams, consumers and connections",
    }
}

fn server_info(gathered: &Gathered) -> ServerInfo {
    let mut versions: Vec<&str> = gathered.varz.iter().map(|(_, varz)| varz.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    let version = match versions.as_slice() {
        [] => gathered.version.clone(),
        several => Some(several.join(", ")),
    };
    let mut clusters: Vec<&str> = gathered
        .varz
        .iter()
        .map(|(_, varz)| varz.cluster.name.as_str())
        .collect();
    clusters.retain(|name| !name.is_empty());
    clusters.sort_unstable();
    clusters.dedup();
    let nodes = gathered.varz.len() + gathered.silent.len();
    ServerInfo {
        version,
        cluster_name: (!clusters.is_empty()).then(|| clusters.join(", ")),
        nodes: u32::try_from(nodes).ok().filter(|nodes| *nodes > 0),
        tier: None,
        addresses: Vec::new(),
    }
}

/// Collects the samples of one entity.
pub struct Samples<'a> {
    entity: EntityKey,
    out: &'a mut Vec<Sample>,
}

impl<'a> Samples<'a> {
    pub fn of(entity: &EntityKey, out: &'a mut Snapshot) -> Samples<'a> {
        Samples {
            entity: entity.clone(),
            out: &mut out.samples,
        }
    }

    pub fn add(&mut self, metric: brokerscope_contract::MetricId, value: f64) {
        self.out.push(Sample::new(self.entity.clone(), metric, value));
    }

    /// Left out where it is not known.
    pub fn add_known(&mut self, metric: brokerscope_contract::MetricId, value: Option<f64>) {
        if let Some(value) = value {
            self.add(metric, value);
        }
    }

    pub fn add_estimated(&mut self, metric: brokerscope_contract::MetricId, value: f64) {
        let mut sample = Sample::new(self.entity.clone(), metric, value);
        sample.method = Some(brokerscope_contract::Method::Estimated);
        self.out.push(sample);
    }
}
