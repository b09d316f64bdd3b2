//! The way of messages: from topics through subscriptions to endpoints, and to dead-letter topics.

use brokerscope_contract::{EntityKey, Evidence, Link, LinkKind};

use super::Inventories;
use super::subscriptions::{is_cut_off, key};
use crate::pubsub::inventory::topic_key;
use crate::pubsub::wire::Subscription;

/// All links of all projects. They may cross projects, also into ones that are not watched.
pub fn links(inventories: &Inventories) -> Vec<Link> {
    let mut links = Vec::new();
    for (project, inventory) in inventories {
        for (id, subscription) in &inventory.subscriptions {
            links.extend(of_subscription(inventories, &key(project, id), subscription));
        }
    }
    links
}

fn of_subscription(inventories: &Inventories, subscription: &EntityKey, settings: &Subscription) -> Vec<Link> {
    let link = |from: &EntityKey, to: &EntityKey, kind, label| Link {
        from: from.clone(),
        to: to.clone(),
        kind,
        label,
        evidence: Evidence::Declared,
    };
    let topic = topic_key(&settings.topic).filter(|_| !is_cut_off(settings));
    let filter = settings.filter.clone().filter(|filter| !filter.is_empty());
    let delivery = settings.delivers_to();
    let dead = dead_letter_topic(settings).filter(|topic| !is_missing(inventories, topic));
    [
        topic.map(|topic| link(&topic, subscription, LinkKind::Subscribes, filter)),
        delivery.map(|delivery| {
            let word = delivery.word().to_string();
            link(subscription, &delivery.endpoint(), LinkKind::Delivers, Some(word))
        }),
        dead.map(|topic| {
            link(
                subscription,
                &topic,
                LinkKind::DeadLetter,
                Some("deadLetterPolicy".into()),
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn dead_letter_topic(settings: &Subscription) -> Option<EntityKey> {
    topic_key(&settings.dead_letter_policy.as_ref()?.dead_letter_topic)
}

/// The topic is in a project that is watched and was listed, and is not on its list.
pub fn is_missing(inventories: &Inventories, topic: &EntityKey) -> bool {
    let project = topic.path.first().and_then(|project| inventories.get(project));
    project.is_some_and(|inventory| inventory.listed_at.is_some() && !inventory.knows(topic))
}
