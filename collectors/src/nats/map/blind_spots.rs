//! What a visit could not learn, and why: never a zero.

use brokerscope_contract::{Absence, EntityKey, MetricId, Warning, metrics};
use brokerscope_figures::format::count;

use super::clients;
use crate::nats::access::Level;
use crate::nats::advisories::Advisories;
use crate::nats::checks::some_of;
use crate::nats::gathered::{Gathered, good};
use crate::nats::leaders::Inventory;
use crate::nats::names;

pub fn warnings(gathered: &Gathered, advisories: &Advisories) -> Vec<Warning> {
    let mut found = Vec::new();
    found.extend(level(gathered.level));
    found.extend(silent_servers(gathered));
    for (what, failure) in &gathered.failures {
        found.push(Warning {
            reason: failure.absence(),
            metrics: missing_with(what),
            entity: None,
            text: format!("{what}: {failure}"),
            remedy: Some(failure.remedy()),
        });
    }
    if let Some(inventory) = &gathered.jetstream {
        found.extend(without_leader(inventory));
        found.extend(untold(inventory));
        found.extend(deaf(gathered.level, inventory, advisories));
    }
    if let Some(connz) = &gathered.connz {
        let hidden: usize = good(connz)
            .map(|(_, answer)| answer.total.saturating_sub(answer.connections.len()))
            .sum();
        if hidden > 0 && !clients::is_complete(connz) {
            let hidden = count(hidden as f64);
            let text =
                format!("{hidden} connections with little waiting for them are not told apart: a server tells 1,024.");
            found.push(warning(Absence::NotSupported, &[], text, None));
        }
    }
    found
}

/// What each way in cannot see at all.
fn level(level: Level) -> Option<Warning> {
    const SERVERS: &[MetricId] = &[
        metrics::MEMORY_USED,
        metrics::DISK_FREE,
        metrics::NATS_CPU,
        metrics::NATS_CONNECTION_LIMIT,
    ];
    const SERVICES: &[MetricId] = &[
        metrics::NATS_SERVICE_REQUESTS,
        metrics::NATS_SERVICE_ERRORS,
        metrics::NATS_SERVICE_SECONDS,
    ];
    match level {
        Level::System => Some(warning(
            Absence::NotSupported,
            SERVICES,
            "What services count of their requests is told only inside their own account.".into(),
            Some("Add a connection with a user of that account; who listens to which subject is seen here as well."),
        )),
        Level::Monitoring => Some(warning(
            Absence::NotSupported,
            SERVICES,
            "Monitoring ports tell nothing of servers that are not listed, and what services count is asked only of an \
             ordinary account."
                .into(),
            Some("List every server's port, or use a user of the system account."),
        )),
        Level::Account => Some(warning(
            Absence::NotPermitted,
            SERVERS,
            "This login sees its own account only: servers, cluster, gateways, leaf nodes and other accounts stay \
             hidden."
                .into(),
            Some("Use a user of the system account, or add the servers' monitoring addresses."),
        )),
    }
}

fn silent_servers(gathered: &Gathered) -> Option<Warning> {
    let names: Vec<String> = gathered.silent.iter().map(|(server, _)| server.clone()).collect();
    if names.is_empty() {
        return None;
    }
    let text = format!(
        "No answer from {}: what only they know is missing, and totals are left out.",
        some_of(&names)
    );
    let missing = [
        metrics::CONNECTIONS,
        metrics::NATS_SUBSCRIPTIONS,
        metrics::NATS_LEAFNODES,
    ];
    Some(warning(
        Absence::Failed,
        &missing,
        text,
        Some("Start the servers, or repair the network to them."),
    ))
}

/// The figures that a failed question would have brought.
fn missing_with(what: &str) -> Vec<MetricId> {
    match what {
        "Streams and consumers" => vec![
            metrics::DEPTH,
            metrics::IN_FLIGHT,
            metrics::LAG,
            metrics::STORED_BYTES,
            metrics::NATS_MESSAGES_HELD,
        ],
        "Consumers" => vec![metrics::DEPTH, metrics::IN_FLIGHT, metrics::LAG, metrics::CONSUMERS],
        "Accounts" => vec![metrics::CONNECTIONS, metrics::PUBLISHED, metrics::DELIVERED],
        "Connections" => vec![metrics::CONSUMERS, metrics::NATS_PENDING_BYTES],
        "Services" => vec![metrics::NATS_SERVICE_REQUESTS, metrics::NATS_SERVICE_ERRORS],
        "Given-up messages" => vec![metrics::DEAD_LETTERED],
        _ => Vec::new(),
    }
}

/// One warning for each stream of which the leader said nothing: what followers say is stale.
fn without_leader(inventory: &Inventory) -> Vec<Warning> {
    /// More tell nothing new.
    const SHOWN: usize = 20;
    let unled = inventory.streams.values().filter_map(|view| {
        let consumers = view.consumers.values().any(|consumer| !consumer.found.led);
        let cluster = view.found.report.cluster.as_ref();
        let leader = cluster.map(|cluster| cluster.leader.as_str()).unwrap_or_default();
        let why = match (view.found.led, leader) {
            (true, _) if !consumers => return None,
            (true, _) => "some of its consumers have no leader that answers".to_string(),
            (false, "") => "it has no leader".to_string(),
            (false, leader) => format!("its leader {leader} did not answer"),
        };
        Some((names::stream(&view.account, view.name()), why))
    });
    unled
        .take(SHOWN)
        .map(|(entity, why): (EntityKey, String)| Warning {
            reason: Absence::NoData,
            metrics: vec![
                metrics::DEPTH,
                metrics::IN_FLIGHT,
                metrics::LAG,
                metrics::NATS_MESSAGES_HELD,
            ],
            text: format!("Figures of the stream {} are missing: {why}.", entity.name()),
            entity: Some(entity),
            remedy: Some("Start the missing servers.".into()),
        })
        .collect()
}

/// Accounts beyond those that a server was asked for.
fn untold(inventory: &Inventory) -> Option<Warning> {
    let untold = inventory.untold;
    let missing = [
        metrics::DEPTH,
        metrics::IN_FLIGHT,
        metrics::LAG,
        metrics::NATS_MESSAGES_HELD,
    ];
    let text = format!(
        "{} accounts with JetStream were not told: their streams and consumers are missing.",
        count(untold as f64)
    );
    let remedy = "Use several connections, each with users of some of the accounts.";
    (untold > 0).then(|| warning(Absence::Failed, &missing, text, Some(remedy)))
}

/// Accounts whose announcements of given-up messages nobody hears.
fn deaf(level: Level, inventory: &Inventory, advisories: &Advisories) -> Option<Warning> {
    let mut accounts: Vec<String> = inventory.streams.keys().map(|(account, _)| account.clone()).collect();
    accounts.dedup();
    accounts.retain(|account| !advisories.hears(account));
    if accounts.is_empty() {
        return None;
    }
    let text = format!(
        "Messages that were delivered as often as allowed are announced once and counted nowhere; the announcements of {} \
         are not heard.",
        some_of(&accounts)
    );
    let remedy = match level {
        Level::System => {
            "Let the account export the stream $JS.EVENT.ADVISORY.> to the system account, and import it \
                          there with the account's name as prefix."
        }
        Level::Monitoring => "Add a server address with a user of the account.",
        Level::Account => {
            "Allow the user to subscribe to $JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.> and \
                           $JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>."
        }
    };
    let mut warning = warning(Absence::NotPermitted, &[metrics::DEAD_LETTERED], text, Some(remedy));
    if level == Level::Monitoring {
        warning.reason = Absence::NotSupported;
    }
    Some(warning)
}

fn warning(reason: Absence, metrics: &[MetricId], text: String, remedy: Option<&str>) -> Warning {
    Warning {
        reason,
        metrics: metrics.to_vec(),
        entity: None,
        text,
        remedy: remedy.map(str::to_string),
    }
}
