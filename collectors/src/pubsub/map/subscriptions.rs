//! Subscriptions with the settings that explain them.

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind};

use super::{attribute, labels, lasting, project_key};
use crate::pubsub::inventory::{DELETED_TOPIC, Inventory, topic_key};
use crate::pubsub::wire::Subscription;

/// The subscriptions of a project.
pub fn entities(project: &str, inventory: &Inventory) -> Vec<Entity> {
    let entity = |(id, subscription): (&String, &Subscription)| Entity {
        // Of a topic that is gone, or in a project that is not watched, nothing is known: then the project itself.
        parent: topic_key(&subscription.topic)
            .filter(|topic| topic.path.first().is_some_and(|of| of == project))
            .or_else(|| Some(project_key(project))),
        attributes: attributes(subscription),
        ..Entity::new(key(project, id))
    };
    inventory.subscriptions.iter().map(entity).collect()
}

pub fn key(project: &str, id: &str) -> EntityKey {
    EntityKey::new(EntityKind::Subscription, [project, id])
}

/// Detached, or its topic is gone: it gets no messages any more.
pub fn is_cut_off(subscription: &Subscription) -> bool {
    subscription.detached || subscription.topic == DELETED_TOPIC
}

fn attributes(subscription: &Subscription) -> Vec<Attribute> {
    let dead_letter = subscription.dead_letter_policy.as_ref();
    let delivery = subscription.delivers_to();
    let how = delivery.as_ref().map_or("pull", |delivery| delivery.word());
    let filter = subscription.filter.as_ref().filter(|filter| !filter.is_empty());
    let on = |set: bool, name: &str, meaning: &str| set.then(|| attribute(name, "true").note(meaning));
    [
        Some(attribute("delivery", how)),
        delivery.map(|delivery| attribute("deliversTo", &delivery.address())),
        state(subscription),
        subscription.ack_deadline_seconds.map(|seconds| {
            attribute("ackDeadlineSeconds", &seconds.to_string())
                .note("delivered again unless acknowledged within this time")
        }),
        on(
            subscription.enable_message_ordering,
            "enableMessageOrdering",
            "messages with the same ordering key are delivered in order; one that fails holds up its key",
        ),
        on(
            subscription.enable_exactly_once_delivery,
            "enableExactlyOnceDelivery",
            "no message is delivered again while it may still be acknowledged, nor after",
        ),
        dead_letter.map(|policy| {
            let attempts = policy.max_delivery_attempts.unwrap_or(5.0);
            attribute("deadLetterTopic", &policy.dead_letter_topic)
                .note(format!("gets what was delivered {attempts} times without success"))
        }),
        filter.map(|filter| attribute("filter", filter).note("other messages are acknowledged by Pub/Sub itself")),
        retry(subscription),
        lasting(
            "messageRetentionDuration",
            subscription.message_retention_duration.as_ref(),
            "unacknowledged messages are lost after",
        ),
        on(
            subscription.retain_acked_messages,
            "retainAckedMessages",
            "acknowledged messages can be read again by seeking",
        ),
        expiration(subscription),
        labels(&subscription.labels),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn state(subscription: &Subscription) -> Option<Attribute> {
    if subscription.topic == DELETED_TOPIC {
        let note = "its topic was deleted: it gets nothing any more, and keeps what it has";
        return Some(attribute("state", "orphaned").note(note));
    }
    if subscription.detached {
        let note = "detached from its topic: its messages are gone and it gets none any more";
        return Some(attribute("state", "detached").note(note));
    }
    let trouble = subscription.export_trouble()?;
    Some(attribute("state", trouble).note("Pub/Sub cannot deliver to its destination"))
}

fn retry(subscription: &Subscription) -> Option<Attribute> {
    let policy = subscription.retry_policy.as_ref()?;
    let bound = |text: &Option<String>, default: &str| text.clone().unwrap_or_else(|| default.into());
    let (least, most) = (
        bound(&policy.minimum_backoff, "10s"),
        bound(&policy.maximum_backoff, "600s"),
    );
    Some(attribute("retryPolicy", &format!("{least} to {most}")).note("the pause before a failed message comes again"))
}

fn expiration(subscription: &Subscription) -> Option<Attribute> {
    let policy = subscription.expiration_policy.as_ref()?;
    match &policy.ttl {
        None => Some(attribute("expirationPolicy", "never")),
        ttl => lasting("expirationPolicy", ttl.as_ref(), "deleted when nobody used it for"),
    }
}
