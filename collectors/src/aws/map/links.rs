//! The edges: topic to subscription to queue or address, and to where dead letters go; over all accounts.

use std::collections::HashSet;

use brokerscope_contract::{EntityKey, EntityKind, Evidence, Link, LinkKind};

use super::beyond::unseen_queue;
use crate::aws::failure::shortened;
use crate::aws::memory::{Memory, queue_key, subscription_key, topic_key};
use crate::aws::wire::{Attributes, redrive};

pub fn links(memories: &[&Memory]) -> Vec<Link> {
    let watched: HashSet<[String; 2]> = memories.iter().map(|memory| memory.place()).collect();
    let mut links = Vec::new();
    for memory in memories {
        of_queues(memory, &watched, &mut links);
        of_subscriptions(memory, &watched, &mut links);
    }
    links.sort_by(|a, b| (&a.from, &a.to, a.kind, &a.label).cmp(&(&b.from, &b.to, b.kind, &b.label)));
    links.dedup();
    links
}

fn of_queues(memory: &Memory, watched: &HashSet<[String; 2]>, links: &mut Vec<Link>) {
    for (url, queue) in &memory.queues {
        let (Some(from), Some(redrive)) = (memory.queue_key(url), queue.redrive()) else {
            continue;
        };
        let label = redrive.after.map(|after| match after {
            1 => "after 1 receive".to_owned(),
            _ => format!("after {after} receives"),
        });
        links.push(link(
            from,
            target(&redrive.target, watched),
            LinkKind::DeadLetter,
            label,
        ));
    }
    // Where not all queues are seen, SQS names the ones that feed a dead-letter queue.
    for (url, sources) in &memory.sources {
        let Some(to) = memory.queue_key(url) else { continue };
        for source in sources.iter().filter(|source| !memory.queues.contains_key(*source)) {
            if let Some((account, name)) = crate::aws::wire::of_url(source) {
                let from = unseen_queue([account, &memory.region], name);
                links.push(link(from, to.clone(), LinkKind::DeadLetter, None));
            }
        }
    }
}

fn of_subscriptions(memory: &Memory, watched: &HashSet<[String; 2]>, links: &mut Vec<Link>) {
    for subscription in &memory.subscriptions {
        let (Some(topic), Some(key)) = (topic_key(&subscription.topic), subscription_key(subscription)) else {
            continue;
        };
        let attributes = memory.subscription_attributes.get(&subscription.arn);
        links.push(link(
            topic,
            key.clone(),
            LinkKind::Subscribes,
            attributes.and_then(filter),
        ));
        let to = match subscription.protocol.as_str() {
            "sqs" => target(&subscription.endpoint, watched),
            _ => EntityKey::new(EntityKind::Endpoint, [super::address(subscription)]),
        };
        let label = subscription.is_pending().then(|| "pending confirmation".to_owned());
        links.push(link(key.clone(), to, LinkKind::Delivers, label));
        let dead = attributes.and_then(|attributes| redrive(attributes.get("RedrivePolicy")?));
        if let Some(dead) = dead {
            links.push(link(key, target(&dead.target, watched), LinkKind::DeadLetter, None));
        }
    }
}

fn filter(attributes: &Attributes) -> Option<String> {
    let policy = attributes
        .get("FilterPolicy")
        .filter(|policy| !policy.is_empty() && *policy != "{}")?;
    // It may have 256 KB.
    Some(format!("filter {}", shortened(policy)))
}

/// A queue of a watched account and region, whether it exists or not; anything else is an address outside.
fn target(arn: &str, watched: &HashSet<[String; 2]>) -> EntityKey {
    match queue_key(arn) {
        Some(key) if watched.iter().any(|place| place[..] == key.path[..2]) => key,
        _ => EntityKey::new(EntityKind::Endpoint, [arn]),
    }
}

fn link(from: EntityKey, to: EntityKey, kind: LinkKind, label: Option<String>) -> Link {
    Link {
        from,
        to,
        kind,
        label,
        evidence: Evidence::Declared,
    }
}
