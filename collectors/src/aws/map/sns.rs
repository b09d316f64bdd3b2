//! Topics and subscriptions of SNS.

use brokerscope_contract::{Attribute, Entity, Snapshot};

use crate::aws::failure::shortened;
use crate::aws::memory::{Memory, subscription_key, topic_key};
use crate::aws::wire::{Attributes, Subscription, redrive};

pub fn describe(memory: &Memory, snapshot: &mut Snapshot) {
    for (arn, attributes) in &memory.topics {
        let Some(key) = topic_key(arn) else { continue };
        let mut entity = Entity::new(key);
        entity.parent = Some(memory.key());
        entity.attributes = of_topic(arn, attributes);
        snapshot.entities.push(entity);
    }
    for subscription in &memory.subscriptions {
        let Some(key) = subscription_key(subscription) else {
            continue;
        };
        let mut entity = Entity::new(key);
        // Of another account's topic nothing is known.
        let topic = topic_key(&subscription.topic).filter(|_| memory.topics.contains_key(&subscription.topic));
        entity.parent = topic.or_else(|| Some(memory.key()));
        entity.attributes = of_subscription(subscription, memory.subscription_attributes.get(&subscription.arn));
        snapshot.entities.push(entity);
    }
}

fn of_topic(arn: &str, attributes: &Attributes) -> Vec<Attribute> {
    let fifo = arn.ends_with(".fifo");
    let mut told = vec![Attribute::new("Type", if fifo { "FIFO" } else { "standard" })];
    for (name, label) in [
        ("DisplayName", "Display name"),
        ("SubscriptionsConfirmed", "Subscriptions confirmed"),
        ("SubscriptionsPending", "Subscriptions pending"),
        ("KmsMasterKeyId", "KmsMasterKeyId"),
        ("TracingConfig", "TracingConfig"),
    ] {
        if let Some(text) = attributes.get(name).filter(|text| !text.is_empty()) {
            told.push(Attribute::new(label, text));
        }
    }
    told.push(Attribute::new("ARN", arn));
    told
}

fn of_subscription(subscription: &Subscription, attributes: Option<&Attributes>) -> Vec<Attribute> {
    let mut told = vec![
        Attribute::new("Protocol", &subscription.protocol),
        Attribute::new("Endpoint", address(subscription)),
    ];
    if subscription.is_pending() {
        told.push(Attribute::new("State", "pending confirmation").note("nothing is delivered until it is confirmed"));
    }
    let Some(attributes) = attributes else { return told };
    let is = |name: &str| {
        attributes
            .get(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    let raw = is("RawMessageDelivery");
    told.push(
        Attribute::new("Raw delivery", if raw { "yes" } else { "no" }).note(match raw {
            true => "the message as it was published",
            false => "wrapped in JSON with topic and signature",
        }),
    );
    if let Some(policy) = attributes
        .get("FilterPolicy")
        .filter(|text| !text.is_empty() && *text != "{}")
    {
        let scope = attributes
            .get("FilterPolicyScope")
            .map_or("MessageAttributes", String::as_str);
        told.push(
            Attribute::new("Filter policy", shortened(policy))
                .note(format!("only what matches in {scope} is delivered")),
        );
    }
    if let Some(redrive) = attributes.get("RedrivePolicy").and_then(|policy| redrive(policy)) {
        let note = "what cannot be delivered; without it that is lost";
        told.push(Attribute::new("Dead letters go to", redrive.target).note(note));
    }
    told
}

/// Where a subscription delivers to, without what is nobody else's business: logins and parameters of addresses, and
/// most of a telephone number.
pub fn address(subscription: &Subscription) -> String {
    let endpoint = subscription.endpoint.as_str();
    match subscription.protocol.as_str() {
        "sms" => {
            let shown: String = endpoint.chars().rev().take(3).collect();
            format!("…{}", shown.chars().rev().collect::<String>())
        }
        "http" | "https" => {
            let bare = endpoint.split(['?', '#']).next().unwrap_or_default();
            match bare
                .split_once("://")
                .and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1)))
            {
                Some((scheme, rest)) => format!("{scheme}://{rest}"),
                None => bare.to_owned(),
            }
        }
        _ => endpoint.to_owned(),
    }
}
