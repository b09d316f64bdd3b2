//! Health checks of queues, from their attributes.

use std::collections::{BTreeSet, HashMap};

use brokerscope_contract::{Absence, CheckResult, EntityKey, Status};
use brokerscope_figures::format::{count, duration};
use serde_json::Value;

use super::queues::MOST_IN_FLIGHT;
use crate::aws::checks;
use crate::aws::memory::{Memory, queue_key};
use crate::aws::wire::Queue;

/// Of the messages that may be in flight.
const SHARE: f64 = 0.8;

pub fn check(memory: &Memory, all: &[&Memory], checks: &mut Vec<CheckResult>) {
    let by_arn: HashMap<&str, &Queue> = all
        .iter()
        .flat_map(|memory| memory.queues.values())
        .filter_map(|queue| Some((queue.text("QueueArn")?, queue)))
        .collect();
    let dead_letter_queues: BTreeSet<String> = all.iter().flat_map(|memory| memory.dead_letter_queues()).collect();
    for (url, queue) in &memory.queues {
        let Some(key) = memory.queue_key(url) else { continue };
        dead_letters(queue, &key, &by_arn, memory, &dead_letter_queues, checks);
        checks.push(encryption(queue, &key));
        checks.push(policy(queue, &key));
        checks.push(room(queue, &key));
    }
    for (arn, tasks) in &memory.moves {
        let (Some(key), Some(latest)) = (queue_key(arn), tasks.first()) else {
            continue;
        };
        let told = super::attributes::of_move(latest);
        let status = if latest.status == "FAILED" {
            Status::Warning
        } else {
            Status::Ok
        };
        let text = format!("{} {}", told.value, told.note.unwrap_or_default());
        checks.push(checks::MOVE_TASK.result(&key, status, text.trim_end()));
    }
}

fn dead_letters(
    queue: &Queue,
    key: &EntityKey,
    by_arn: &HashMap<&str, &Queue>,
    memory: &Memory,
    dead_letter_queues: &BTreeSet<String>,
    checks: &mut Vec<CheckResult>,
) {
    let Some(redrive) = queue.redrive() else {
        // The last stop needs none itself.
        let is_last = queue
            .text("QueueArn")
            .is_some_and(|arn| dead_letter_queues.contains(arn));
        let said = match is_last {
            true => checks::DEAD_LETTERS.result(key, Status::Ok, "is a dead-letter queue itself"),
            false => checks::DEAD_LETTERS.result(key, Status::Warning, "no redrive policy"),
        };
        checks.push(said);
        return;
    };
    checks.push(checks::DEAD_LETTERS.result(key, Status::Ok, &redrive.target));
    let Some(target) = by_arn.get(redrive.target.as_str()) else {
        let said = match memory.queues_complete && memory.denied.is_empty() && memory.postponed == 0 {
            true => {
                checks::DEAD_LETTER_TARGET.result(key, Status::Critical, format!("{} does not exist", redrive.target))
            }
            false => checks::DEAD_LETTER_TARGET.unknown(key, Absence::NotPermitted, "not every queue is seen"),
        };
        checks.push(said);
        return;
    };
    let own = queue.text("QueueArn").unwrap_or_default();
    checks.push(
        match target
            .text("RedriveAllowPolicy")
            .is_none_or(|policy| takes(policy, own))
        {
            true => checks::DEAD_LETTER_TARGET.result(key, Status::Ok, "exists"),
            false => {
                let text = format!("{} does not take the dead letters of this queue", redrive.target);
                checks::DEAD_LETTER_TARGET.result(key, Status::Critical, text)
            }
        },
    );
    let retention = |queue: &Queue| queue.number("MessageRetentionPeriod");
    let said = match (retention(queue), retention(target)) {
        (Some(own), Some(theirs)) => {
            let fifo = queue.url.ends_with(".fifo");
            // A move begins the time anew on FIFO queues only.
            let status = if theirs > own || fifo {
                Status::Ok
            } else {
                Status::Warning
            };
            let text = format!("{} there, {} here", duration(theirs), duration(own));
            checks::DEAD_LETTER_RETENTION.result(key, status, text)
        }
        _ => checks::DEAD_LETTER_RETENTION.unknown(key, Absence::NotSupported, "the retention is not told"),
    };
    checks.push(said);
}

/// Whether a `RedriveAllowPolicy` lets a queue use the one that has it for its dead letters. What cannot be read forbids
/// nothing.
fn takes(policy: &str, source: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return true;
    };
    let named = policy.get("sourceQueueArns").and_then(Value::as_array);
    match policy.get("redrivePermission").and_then(Value::as_str) {
        Some("denyAll") => false,
        Some("byQueue") => named.into_iter().flatten().any(|queue| queue == source),
        _ => true,
    }
}

fn encryption(queue: &Queue, key: &EntityKey) -> CheckResult {
    if let Some(kms) = queue.text("KmsMasterKeyId") {
        return checks::ENCRYPTION.result(key, Status::Ok, format!("with the key {kms}"));
    }
    match queue.is("SqsManagedSseEnabled") {
        Some(true) => checks::ENCRYPTION.result(key, Status::Ok, "with keys of SQS"),
        Some(false) => checks::ENCRYPTION.result(key, Status::Warning, "not encrypted at rest"),
        None => checks::ENCRYPTION.unknown(key, Absence::NotSupported, "not told"),
    }
}

fn policy(queue: &Queue, key: &EntityKey) -> CheckResult {
    match queue.text("Policy").map(serde_json::from_str::<Value>) {
        None => checks::POLICY.result(key, Status::Ok, "no policy: only the account itself"),
        Some(Err(_)) => checks::POLICY.unknown(key, Absence::Failed, "the policy is not JSON"),
        Some(Ok(policy)) if statements(&policy).iter().any(|statement| is_open(statement)) => {
            checks::POLICY.result(key, Status::Warning, "a statement allows everyone, without a condition")
        }
        Some(Ok(_)) => checks::POLICY.result(key, Status::Ok, "only named principals, or conditions"),
    }
}

/// A policy's statements: a list, or a single one.
pub fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

fn is_open(statement: &Value) -> bool {
    let everyone = |principal: &Value| match principal {
        Value::String(name) => name == "*",
        Value::Array(names) => names.iter().any(|name| name == "*"),
        _ => false,
    };
    let principal = match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.get("AWS").is_some_and(everyone),
        Some(principal) => everyone(principal),
        None => false,
    };
    let condition = statement.get("Condition").and_then(Value::as_object);
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
        && principal
        && condition.is_none_or(|condition| condition.is_empty())
}

fn room(queue: &Queue, key: &EntityKey) -> CheckResult {
    match queue.number("ApproximateNumberOfMessagesNotVisible") {
        None => checks::IN_FLIGHT_ROOM.unknown(key, Absence::NotSupported, "not told"),
        Some(now) => {
            let status = if now >= MOST_IN_FLIGHT * SHARE {
                Status::Warning
            } else {
                Status::Ok
            };
            checks::IN_FLIGHT_ROOM.result(key, status, format!("{} of {}", count(now), count(MOST_IN_FLIGHT)))
        }
    }
}
