//! Accounts: traffic and connections, and what they use of JetStream.

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Snapshot, Status, metrics};
use brokerscope_figures::format::{bytes, count};

use super::Samples;
use crate::nats::checks;
use crate::nats::gathered::{Gathered, good};
use crate::nats::leaders::AccountUse;
use crate::nats::memory::Memory;
use crate::nats::names;
use crate::nats::odometer::Reading;
use crate::nats::operator::named;
use crate::nats::wire::AccountStat;

pub fn map(gathered: &Gathered, memory: &mut Memory, out: &mut Snapshot) {
    let mut seen: BTreeMap<&str, Vec<(&str, &AccountStat)>> = BTreeMap::new();
    for (server, statz) in good(&gathered.accounts) {
        for account in &statz.accounts {
            seen.entry(name(account)).or_default().push((server, account));
        }
    }
    let used = gathered.jetstream.as_ref().map(|inventory| &inventory.accounts);
    let of_jetstream = used.into_iter().flat_map(|accounts| accounts.keys());
    let mut all: Vec<&str> = seen.keys().copied().chain(of_jetstream.map(String::as_str)).collect();
    all.sort_unstable();
    all.dedup();
    let whole = gathered.silent.is_empty() && gathered.accounts.iter().all(|(_, answer)| answer.is_ok());
    for account in &all {
        let mut entity = Entity::new(names::account(account));
        entity.internal = is_internal(account, gathered);
        let used = used.and_then(|accounts| accounts.get(*account));
        if let Some(used) = used {
            describe(&mut entity, used);
        }
        let key = entity.key.clone();
        out.entities.push(entity);
        if let Some(parts) = seen.get(account) {
            traffic(&key, parts, whole, gathered, memory, out);
        }
        if let Some(used) = used {
            let complete = gathered.jetstream.as_ref().is_some_and(|inventory| inventory.complete);
            jetstream(&key, used, complete, gathered, memory, out);
        }
    }
    if !seen.is_empty() && whole {
        out.complete.push(EntityKind::Account);
    }
}

/// The name where there is one; in operator mode the id is a public key.
fn name(account: &AccountStat) -> &str {
    match account.name.as_str() {
        "" => &account.acc,
        name => name,
    }
}

fn is_internal(account: &str, gathered: &Gathered) -> bool {
    let mut servers = gathered.varz.iter();
    let is_system = servers.any(|(_, varz)| named(&gathered.names, &varz.system_account) == account);
    // Where accounts are configured the global one is there as well, and empty.
    is_system || account == "$SYS" || (account == "$G" && gathered.accounts.iter().any(has_others))
}

fn has_others<T>((_, answer): &(String, Result<crate::nats::wire::AccountStatz, T>)) -> bool {
    let accounts = answer
        .as_ref()
        .map(|statz| statz.accounts.as_slice())
        .unwrap_or_default();
    let others = accounts
        .iter()
        .filter(|account| !["$G", "$SYS"].contains(&account.acc.as_str()));
    others.count() > 1
}

fn describe(entity: &mut Entity, used: &AccountUse) {
    let mut limit = |name: &str, limit: i64, text: String| {
        if limit > 0 {
            entity.attributes.push(Attribute::new(name, text));
        }
    };
    let limits = &used.limits;
    limit("max_storage", limits.max_storage, bytes(limits.max_storage as f64));
    limit("max_memory", limits.max_memory, bytes(limits.max_memory as f64));
    limit("max_streams", limits.max_streams, count(limits.max_streams as f64));
    limit(
        "max_consumers",
        limits.max_consumers,
        count(limits.max_consumers as f64),
    );
}

/// A counter, and where one server has it.
type Counter = (brokerscope_contract::MetricId, fn(&AccountStat) -> f64);

/// Sums over servers. Levels are left out when a server's part is missing: a total must not shrink silently.
fn traffic(
    key: &EntityKey,
    parts: &[(&str, &AccountStat)],
    whole: bool,
    gathered: &Gathered,
    memory: &mut Memory,
    out: &mut Snapshot,
) {
    let at = gathered.at;
    let counters: [Counter; 5] = [
        (metrics::PUBLISHED, |account| account.received.outside().0),
        (metrics::DELIVERED, |account| account.sent.outside().0),
        (metrics::NATS_RECEIVED_BYTES, |account| account.received.outside().1),
        (metrics::NATS_SENT_BYTES, |account| account.sent.outside().1),
        (metrics::NATS_SLOW_CONSUMERS, |account| account.slow_consumers),
    ];
    let mut samples = Samples::of(key, out);
    for (metric, of) in counters {
        let sum = parts.iter().map(|(server, account)| {
            let reading = Reading {
                part: server,
                count: of(account),
                since: gathered.started(server),
            };
            memory.sum(at, key, metric, reading)
        });
        samples.add_known(metric, sum.last());
    }
    if whole {
        let total = |of: fn(&AccountStat) -> f64| parts.iter().map(|(_, account)| of(account)).sum();
        samples.add(metrics::CONNECTIONS, total(|account| account.conns));
        samples.add(metrics::NATS_LEAFNODES, total(|account| account.leafnodes));
        samples.add(metrics::NATS_SUBSCRIPTIONS, total(|account| account.num_subscriptions));
    }
    if gathered.level == crate::nats::access::Level::Account {
        let lately: Vec<String> = memory
            .cut_off
            .iter()
            .map(|one| format!("{} ({})", one.who, one.reason))
            .collect();
        let (status, text) = match lately.is_empty() {
            true => (Status::Ok, "none lately".to_string()),
            false => (Status::Warning, format!("closed lately: {}", checks::some_of(&lately))),
        };
        out.checks
            .push(checks::SLOW_CONSUMERS.result(key.clone(), status, text));
    }
}

fn jetstream(
    key: &EntityKey,
    used: &AccountUse,
    complete: bool,
    gathered: &Gathered,
    memory: &mut Memory,
    out: &mut Snapshot,
) {
    let mut samples = Samples::of(key, out);
    for (server, requests, errors) in &used.api {
        let since = gathered.started(server);
        let mut sum = |metric, count| {
            let part = server.as_str();
            memory.sum(gathered.at, key, metric, Reading { part, count, since })
        };
        let requests = sum(metrics::NATS_API_REQUESTS, *requests);
        let errors = sum(metrics::NATS_API_ERRORS, *errors);
        if used.api.last().is_some_and(|(last, ..)| last == server) {
            samples.add(metrics::NATS_API_REQUESTS, requests);
            samples.add(metrics::NATS_API_ERRORS, errors);
        }
    }
    if !complete {
        return;
    }
    let kinds = [
        ("file storage", used.storage as f64, used.limits.max_storage as f64),
        ("memory storage", used.memory as f64, used.limits.max_memory as f64),
    ];
    samples.add(metrics::NATS_STORE_USED, kinds[0].1);
    samples.add_known(metrics::NATS_STORE_LIMIT, Some(kinds[0].2).filter(|limit| *limit > 0.0));
    samples.add(metrics::NATS_MEMORY_STORE_USED, kinds[1].1);
    samples.add_known(
        metrics::NATS_MEMORY_STORE_LIMIT,
        Some(kinds[1].2).filter(|limit| *limit > 0.0),
    );
    let limited = kinds.iter().filter(|(_, _, limit)| *limit > 0.0);
    let status = limited
        .clone()
        .map(|(_, used, limit)| checks::of_limit(*used, *limit))
        .max();
    let texts: Vec<String> = limited
        .map(|(what, used, limit)| format!("{what} {} of {}", bytes(*used), bytes(*limit)))
        .collect();
    if let Some(status) = status {
        out.checks
            .push(checks::ACCOUNT_LIMITS.result(key.clone(), status, texts.join(", ")));
    }
}
