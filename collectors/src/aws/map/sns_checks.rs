//! Health checks of subscriptions: confirmed, and whether what they deliver can arrive.

use std::collections::HashMap;

use brokerscope_contract::{Absence, CheckResult, EntityKey, Status};
use serde_json::Value;

use super::queue_checks::statements;
use crate::aws::checks;
use crate::aws::memory::{Memory, subscription_key};
use crate::aws::wire::{Queue, Subscription, arn, redrive};

pub fn check(memory: &Memory, all: &[&Memory], checks: &mut Vec<CheckResult>) {
    let by_arn: HashMap<&str, &Queue> = all
        .iter()
        .flat_map(|memory| memory.queues.values())
        .filter_map(|queue| Some((queue.text("QueueArn")?, queue)))
        .collect();
    for subscription in &memory.subscriptions {
        let Some(key) = subscription_key(subscription) else {
            continue;
        };
        checks.push(match subscription.is_pending() {
            true => checks::CONFIRMED.result(&key, Status::Warning, "pending confirmation"),
            false => checks::CONFIRMED.result(&key, Status::Ok, "confirmed"),
        });
        if subscription.protocol == "sqs" {
            match by_arn.get(subscription.endpoint.as_str()) {
                Some(queue) => {
                    checks.push(checks::TARGET_EXISTS.result(&key, Status::Ok, "the queue exists"));
                    checks.push(lets_in(queue, subscription, &key));
                }
                None => checks.push(missing(&checks::TARGET_EXISTS, &key, &subscription.endpoint, all)),
            }
        }
        let attributes = memory.subscription_attributes.get(&subscription.arn);
        let dead = attributes.and_then(|attributes| redrive(attributes.get("RedrivePolicy")?));
        if let Some(dead) = dead {
            checks.push(match by_arn.contains_key(dead.target.as_str()) {
                true => checks::DEAD_LETTER_TARGET.result(&key, Status::Ok, "exists"),
                false => missing(&checks::DEAD_LETTER_TARGET, &key, &dead.target, all),
            });
        }
    }
}

/// A queue that was not found: it is missing only where all queues of its account and region are seen.
fn missing(check: &checks::Check, key: &EntityKey, queue: &str, all: &[&Memory]) -> CheckResult {
    let Some(target) = arn(queue) else {
        return check.result(key, Status::Critical, format!("{queue:?} is no ARN"));
    };
    let home = all
        .iter()
        .find(|memory| memory.account.as_deref() == Some(target.account) && memory.region == target.region);
    match home {
        Some(memory) if memory.queues_complete && memory.denied.is_empty() && memory.postponed == 0 => {
            check.result(key, Status::Critical, format!("{queue} does not exist"))
        }
        Some(_) => check.unknown(key, Absence::NotPermitted, "not every queue is seen there"),
        None => {
            let text = format!("the account {} is not watched in {}", target.account, target.region);
            check.unknown(key, Absence::NotSupported, text)
        }
    }
}

/// Whether any statement of the queue's policy might be for the topic. Conditions are looked at for the topic's ARN
/// only, with patterns that end in a star.
fn lets_in(queue: &Queue, subscription: &Subscription, key: &EntityKey) -> CheckResult {
    let Some(policy) = queue.text("Policy") else {
        let text = "the queue has no policy, so the topic may not send";
        return checks::TARGET_LETS_IN.result(key, Status::Critical, text);
    };
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return checks::TARGET_LETS_IN.unknown(key, Absence::Failed, "the queue's policy is not JSON");
    };
    let allows = |statement: &&Value| {
        let condition = statement.get("Condition").map(Value::to_string).unwrap_or_default();
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && (!condition.contains("SourceArn") || names(&condition, &subscription.topic))
    };
    match statements(&policy).iter().any(allows) {
        true => checks::TARGET_LETS_IN.result(key, Status::Ok, "the queue's policy has a statement for it"),
        false => checks::TARGET_LETS_IN.result(
            key,
            Status::Critical,
            "no statement of the queue's policy is for this topic",
        ),
    }
}

fn names(condition: &str, topic: &str) -> bool {
    condition.split('"').any(|text| match text.strip_suffix('*') {
        Some(start) => topic.starts_with(start) && (start.is_empty() || start.starts_with("arn:")),
        None => text == topic,
    })
}
