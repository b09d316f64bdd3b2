//! Accounts in regions, and the connection as a whole.

use brokerscope_contract::{
    Absence, Attribute, CheckResult, Entity, EntityKey, ServerInfo, Snapshot, Status, Timestamp,
};
use brokerscope_figures::format::{count, duration};

use super::Seen;
use crate::aws::config::{CloudWatch, Config};
use crate::aws::failure::Failure;
use crate::aws::memory::Memory;
use crate::aws::{checks, cost};

/// Points older than this are not what CloudWatch usually gives.
const FRESH_SECONDS: f64 = 1_200.0;

pub fn describe(seen: &Seen<'_>, config: &Config, at: Timestamp, snapshot: &mut Snapshot) {
    let (memory, key) = (seen.memory, seen.memory.key());
    let said = match &seen.outcome {
        Ok(_) => checks::ACCOUNT.result(&key, Status::Ok, format!("{} queues", count(memory.urls.len() as f64))),
        Err(failure) => checks::ACCOUNT.result(&key, Status::Critical, failure.to_string()),
    };
    snapshot.checks.push(said);
    if seen.outcome.is_ok() {
        snapshot.checks.push(permissions(memory, &key));
        if config.cloudwatch != CloudWatch::Off {
            snapshot.checks.push(freshness(memory, &key, at));
        }
    }
    let mut entity = Entity::new(key);
    entity.attributes = vec![
        Attribute::new("Queues", count(memory.urls.len() as f64)),
        Attribute::new("Topics", count(memory.topics.len() as f64)),
    ];
    snapshot.entities.push(entity);
}

fn permissions(memory: &Memory, key: &EntityKey) -> CheckResult {
    let refused = memory.troubles.all();
    let refused = refused.filter(|trouble| matches!(trouble.failure, Failure::NotPermitted(_)));
    let refused: Vec<&str> = refused.map(|trouble| trouble.action).collect();
    match refused[..] {
        [] => checks::PERMISSIONS.result(key, Status::Ok, "nothing is refused"),
        _ => checks::PERMISSIONS.result(key, Status::Warning, format!("refused: {}", refused.join(", "))),
    }
}

fn freshness(memory: &Memory, key: &EntityKey, at: Timestamp) -> CheckResult {
    let Some(newest) = memory.ledger.newest else {
        let why = match memory.troubles.get("cloudwatch:GetMetricData") {
            Some(trouble) => trouble.failure.absence(),
            None => Absence::NoData,
        };
        return checks::FRESHNESS.unknown(key, why, "CloudWatch has told no point yet");
    };
    let age = at.seconds_since(newest).max(0.0);
    let status = if age > FRESH_SECONDS {
        Status::Warning
    } else {
        Status::Ok
    };
    checks::FRESHNESS.result(key, status, format!("the newest point is {} old", duration(age)))
}

pub fn reachable(seen: &[Seen<'_>]) -> CheckResult {
    let silent: Vec<String> = seen
        .iter()
        .filter_map(|seen| {
            let failure = seen.outcome.as_ref().err()?;
            Some(format!("{}: {failure}", seen.memory.place().join(" ")))
        })
        .collect();
    let key = EntityKey::cluster();
    match silent.first() {
        None => checks::REACHABLE.result(&key, Status::Ok, format!("{} answer", places(seen.len()))),
        Some(first) => {
            let text = format!("{} of {} do not answer; {first}", silent.len(), places(seen.len()));
            checks::REACHABLE.result(&key, Status::Critical, text)
        }
    }
}

fn places(n: usize) -> String {
    if n == 1 {
        "1 place".into()
    } else {
        format!("{n} places")
    }
}

pub fn server(memories: &[&Memory], config: &Config) -> ServerInfo {
    let mut size = cost::Size::default();
    memories.iter().for_each(|memory| size += memory.size());
    let mut month = cost::monthly(config, size);
    month.backfill = 0.0;
    ServerInfo {
        tier: Some(month.sentence(config, size)),
        ..ServerInfo::default()
    }
}
