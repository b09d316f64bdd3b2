//! Settings of queues and exchanges in words: what each of them does to messages.

use brokerscope_contract::Attribute;
use brokerscope_figures::format::{bytes, count, duration};
use serde_json::Value;

use crate::rabbitmq::names::QueueType;
use crate::rabbitmq::policies::{Setting, Source, text_of};
use crate::rabbitmq::wire::{Exchange, Queue};

/// The attributes of a queue in display order. `settings` are those that count for it.
pub fn of_queue(queue: &Queue, settings: &[Setting<'_>]) -> Vec<Attribute> {
    let kind = queue.kind();
    let mut attributes = vec![
        Attribute::new("state", state(queue)),
        Attribute::new("type", queue.queue_type.clone().unwrap_or_else(|| "classic".into())),
        durability(queue.durable),
    ];
    if queue.auto_delete {
        let note = "the queue is deleted when its last consumer has gone";
        attributes.push(Attribute::new("auto_delete", "yes").note(note));
    }
    if queue.exclusive {
        let note = "only the connection that declared it may use it, and it goes with that connection";
        attributes.push(Attribute::new("exclusive", "yes").note(note));
    }
    if let Some(node) = queue.leader.as_ref().or(queue.node.as_ref()) {
        let name = if kind == QueueType::Classic { "node" } else { "leader" };
        attributes.push(Attribute::new(name, node));
    }
    attributes.extend(members(queue));
    if let Some(policy) = &queue.policy {
        attributes.push(Attribute::new("policy", policy));
    }
    if let Some(policy) = &queue.operator_policy {
        attributes.push(Attribute::new("operator policy", policy).note("set by an operator, applied on top"));
    }
    attributes.extend(
        settings
            .iter()
            .filter(|setting| setting.key != "queue-type")
            .map(|s| explained(s, settings)),
    );
    attributes.extend(delivery_limit(queue, settings));
    attributes
}

pub fn of_exchange(exchange: &Exchange, settings: &[Setting<'_>]) -> Vec<Attribute> {
    let mut attributes = vec![
        Attribute::new("type", &exchange.exchange_type),
        durability(exchange.durable),
    ];
    if exchange.auto_delete {
        let note = "the exchange is deleted when its last binding has gone";
        attributes.push(Attribute::new("auto_delete", "yes").note(note));
    }
    if exchange.internal {
        attributes.push(Attribute::new("internal", "yes").note("clients cannot publish to it"));
    }
    if let Some(policy) = &exchange.policy {
        attributes.push(Attribute::new("policy", policy));
    }
    attributes.extend(settings.iter().map(|setting| explained(setting, settings)));
    attributes
}

/// The state as the judge knows it. Lists without figures say "live", or nothing, of a queue that exists; whether it
/// has a majority of its members is told by those that are online.
pub fn state(queue: &Queue) -> String {
    let lost_majority = !queue.members.is_empty() && queue.online.len() * 2 <= queue.members.len();
    match queue.state.as_deref() {
        None | Some("live" | "running") if queue.kind() != QueueType::Classic && lost_majority => "minority".into(),
        None | Some("live") => "running".into(),
        Some(state) => state.into(),
    }
}

fn durability(durable: bool) -> Attribute {
    match durable {
        true => Attribute::new("durable", "yes").note("it survives a restart of the broker"),
        false => Attribute::new("durable", "no").note("it is gone after a restart of the broker"),
    }
}

fn members(queue: &Queue) -> Vec<Attribute> {
    if queue.members.is_empty() {
        return Vec::new();
    }
    let online = format!("{} of {}", queue.online.len(), queue.members.len());
    let missing: Vec<_> = queue
        .members
        .iter()
        .filter(|member| !queue.online.contains(member))
        .cloned()
        .collect();
    let online = Attribute::new("online", online);
    let online = if missing.is_empty() {
        online
    } else {
        online.note(format!("missing: {}", missing.join(", ")))
    };
    vec![Attribute::new("members", queue.members.join(", ")), online]
}

/// Quorum queues have a limit whether or not it is set.
fn delivery_limit(queue: &Queue, settings: &[Setting<'_>]) -> Option<Attribute> {
    let is_set = settings.iter().any(|setting| setting.key == "delivery-limit");
    let limit = queue
        .delivery_limit
        .filter(|_| !is_set && queue.kind() == QueueType::Quorum)?;
    let value = Value::from(limit);
    let setting = Setting {
        key: "delivery-limit",
        value: &value,
        source: Source::Policy(None),
    };
    let note = meaning(&setting, settings).unwrap_or_default();
    Some(Attribute::new("delivery-limit", count(limit)).note(format!("the broker's default; {note}")))
}

fn explained(setting: &Setting<'_>, all: &[Setting<'_>]) -> Attribute {
    let name = match setting.source {
        Source::Argument if !setting.key.starts_with("alternate") => format!("x-{}", setting.key),
        _ => setting.key.to_string(),
    };
    let from = setting.source.shown().map(|policy| format!("from {policy}"));
    let notes: Vec<String> = meaning(setting, all).into_iter().chain(from).collect();
    let attribute = Attribute::new(name, shown(setting));
    if notes.is_empty() {
        attribute
    } else {
        attribute.note(notes.join("; "))
    }
}

fn shown(setting: &Setting<'_>) -> String {
    match setting.value {
        Value::String(text) if text.is_empty() && setting.key.ends_with("exchange") => "(default exchange)".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a setting does, in words. Those that need no explanation get none.
fn meaning(setting: &Setting<'_>, all: &[Setting<'_>]) -> Option<String> {
    let number = setting.value.as_f64();
    let given_up = match text_of(all, "dead-letter-exchange") {
        Some(_) => "dead-lettered",
        None => "removed",
    };
    let millis = || number.map(|millis| duration(millis / 1000.0));
    Some(match setting.key {
        "message-ttl" => format!("messages older than {} are {given_up}", millis()?),
        "expires" => format!("the queue is deleted after {} without use", millis()?),
        "consumer-timeout" => format!("a delivery unacknowledged for {} closes the channel", millis()?),
        "max-length" => format!("at most {} messages; {}", count(number?), beyond(all, given_up)),
        "max-length-bytes" => format!(
            "at most {} of message bodies; {}",
            bytes(number?),
            beyond(all, given_up)
        ),
        "overflow" => match setting.value.as_str()? {
            "drop-head" => format!("when it is full, the oldest messages are {given_up}"),
            "reject-publish" => "when it is full, new messages are refused".into(),
            "reject-publish-dlx" => "when it is full, new messages are refused and dead-lettered".into(),
            _ => return None,
        },
        "dead-letter-exchange" => "messages that expire, overflow or are rejected go there".into(),
        "dead-letter-routing-key" => "with this routing key instead of their own".into(),
        "dead-letter-strategy" => match setting.value.as_str()? {
            "at-least-once" => "a dead letter is kept until its target has confirmed it".into(),
            "at-most-once" => "a dead letter may be lost on its way".into(),
            _ => return None,
        },
        "delivery-limit" if number? < 0.0 => "messages may be delivered any number of times".into(),
        "delivery-limit" => format!("a message that failed {} times is {given_up}", count(number?)),
        "single-active-consumer" => "one consumer at a time gets messages, the others wait".into(),
        "max-age" => "older parts of the stream are removed".into(),
        "max-priority" => "messages of higher priority are delivered first".into(),
        "alternate-exchange" => "messages that cannot be routed go there".into(),
        _ => return None,
    })
}

fn beyond(all: &[Setting<'_>], given_up: &str) -> String {
    match text_of(all, "overflow") {
        Some("reject-publish" | "reject-publish-dlx") => "beyond it new ones are refused".into(),
        _ => format!("beyond it the oldest are {given_up}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rabbitmq::policies::Policies;
    use crate::rabbitmq::wire::Policy;

    fn attributes(queue: Value) -> Vec<Attribute> {
        let queue: Queue = serde_json::from_value(queue).unwrap();
        let policy: Policy = serde_json::from_value(json!({"name": "guard", "definition": {"max-length": 5}})).unwrap();
        let policies = Policies::new(
            &[],
            &[Policy {
                vhost: queue.vhost.clone(),
                ..policy
            }],
        );
        of_queue(&queue, &policies.of_queue(&queue))
    }

    fn line(attributes: &[Attribute], name: &str) -> String {
        let found = attributes.iter().find(|attribute| attribute.name == name);
        let found = found.unwrap_or_else(|| panic!("{name} is not in {attributes:?}"));
        format!("{} ({})", found.value, found.note.clone().unwrap_or_default()).replace('\u{a0}', " ")
    }

    #[test]
    fn settings_say_what_they_do() {
        let seen = attributes(
            json!({"vhost": "/", "name": "q", "type": "classic", "durable": true, "policy": "p",
            "effective_policy_definition": {"max-length": 1000, "overflow": "reject-publish"},
            "arguments": {"x-message-ttl": 60000, "x-dead-letter-exchange": ""}}),
        );
        assert_eq!(
            line(&seen, "x-message-ttl"),
            "60000 (messages older than 1 min are dead-lettered)"
        );
        assert_eq!(
            line(&seen, "max-length"),
            "1000 (at most 1,000 messages; beyond it new ones are refused; from policy p)"
        );
        assert!(line(&seen, "x-dead-letter-exchange").starts_with("(default exchange)"));
    }

    #[test]
    fn what_an_operator_wants_says_so() {
        let seen = attributes(
            json!({"vhost": "/", "name": "q", "type": "classic", "operator_policy": "guard",
            "arguments": {"x-max-length": 9}}),
        );
        assert_eq!(
            line(&seen, "max-length"),
            "5 (at most 5 messages; beyond it the oldest are removed; from operator policy guard)"
        );
        assert!(!seen.iter().any(|attribute| attribute.name == "x-max-length"));
    }

    #[test]
    fn a_quorum_queue_without_its_majority_is_in_minority_whatever_the_list_says() {
        for (state, online, expected) in [
            ("running", vec!["a"], "minority"),
            ("live", vec!["a", "b"], "running"),
            ("running", vec!["a", "b", "c"], "running"),
            ("down", vec![], "down"),
        ] {
            let seen =
                attributes(json!({"type": "quorum", "state": state, "members": ["a", "b", "c"], "online": online}));
            assert!(line(&seen, "state").starts_with(expected), "{state} {online:?}");
        }
        assert!(line(&attributes(json!({"type": "classic"})), "state").starts_with("running"));
    }

    #[test]
    fn the_default_delivery_limit_is_shown() {
        let seen = attributes(json!({"type": "quorum", "delivery_limit": 20}));
        assert_eq!(
            line(&seen, "delivery-limit"),
            "20 (the broker's default; a message that failed 20 times is removed)"
        );
        let own = attributes(json!({"type": "quorum", "delivery_limit": 3, "arguments": {"x-delivery-limit": 3}}));
        assert!(line(&own, "x-delivery-limit").starts_with("3 "));
        assert!(!own.iter().any(|attribute| attribute.name == "delivery-limit"));
    }
}
