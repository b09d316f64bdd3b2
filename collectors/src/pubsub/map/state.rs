//! What is wrong with the objects of a project, as far as the admin API tells: one check each, naming the first few.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{CheckResult, EntityKey, EntityKind, Status};

use super::links::{dead_letter_topic, is_missing};
use super::subscriptions::is_cut_off;
use super::{Inventories, project_key};
use crate::pubsub::checks::{self, Check};
use crate::pubsub::inventory::Inventory;
use crate::pubsub::wire::Subscription;

/// The checks of one project; none before it was listed.
pub fn checks(project: &str, inventories: &Inventories) -> Vec<CheckResult> {
    let Some(inventory) = inventories
        .get(project)
        .filter(|inventory| inventory.listed_at.is_some())
    else {
        return Vec::new();
    };
    let readers = readers(inventories);
    let named = |why: &dyn Fn(&Subscription) -> Option<String>| -> Vec<String> {
        let all = inventory.subscriptions.iter();
        all.filter_map(|(id, subscription)| Some(format!("{id}{}", why(subscription)?)))
            .collect()
    };
    let cut_off = named(&|s| is_cut_off(s).then(String::new));
    let exports = named(&|s| Some(format!(" ({})", s.export_trouble().filter(|_| !is_cut_off(s))?)));
    let lost = named(&|s| Some(format!(" ({})", loses_dead_letters(inventories, &readers, s)?)));
    let unread = unread_topics(project, inventory, inventories, &readers);
    let (topics, subscriptions) = (inventory.topics.len(), inventory.subscriptions.len());
    [
        (checks::DETACHED, cut_off, subscriptions, "subscriptions"),
        (checks::EXPORTS, exports, subscriptions, "subscriptions"),
        (checks::DEAD_LETTERS, lost, subscriptions, "subscriptions"),
        (checks::UNREAD_TOPICS, unread, topics, "topics"),
    ]
    .map(|(check, found, of, what)| result(check, project_key(project), &found, of, what))
    .into()
}

/// The result of a check on many things, of which `found` fail it.
pub fn result(check: Check, entity: EntityKey, found: &[String], of: usize, what: &str) -> CheckResult {
    match found {
        [] => check.result(entity, Status::Ok, format!("nothing to report of {of} {what}")),
        found => {
            let text = format!("{} of {of} {what}: {}", found.len(), few(found));
            check.result(entity, check.severity(), text)
        }
    }
}

/// The first few names: a project may have thousands.
pub fn few(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// How many subscriptions each topic has, in all watched projects, by the topic's full name.
pub fn readers(inventories: &Inventories) -> BTreeMap<&str, usize> {
    let mut readers = BTreeMap::new();
    for subscription in inventories.values().flat_map(|i| i.subscriptions.values()) {
        if !subscription.detached {
            *readers.entry(subscription.topic.as_str()).or_default() += 1;
        }
    }
    readers
}

fn loses_dead_letters(
    inventories: &Inventories,
    readers: &BTreeMap<&str, usize>,
    subscription: &Subscription,
) -> Option<String> {
    let topic = dead_letter_topic(subscription)?;
    if is_missing(inventories, &topic) {
        return Some(format!("topic {} does not exist", topic.name()));
    }
    // Of a project that is not watched nothing is known.
    let listed = topic
        .path
        .first()
        .and_then(|project| inventories.get(project))?
        .listed_at;
    let name = subscription.dead_letter_policy.as_ref()?.dead_letter_topic.as_str();
    (listed.is_some() && !readers.contains_key(name)).then(|| format!("topic {} has no subscription", topic.name()))
}

/// Topics without a subscription. Dead-letter topics are told by their own check.
fn unread_topics(
    project: &str,
    inventory: &Inventory,
    inventories: &Inventories,
    readers: &BTreeMap<&str, usize>,
) -> Vec<String> {
    let subscriptions = inventories.values().flat_map(|i| i.subscriptions.values());
    let dead: BTreeSet<EntityKey> = subscriptions.filter_map(dead_letter_topic).collect();
    let unread = inventory.topics.iter().filter(|(id, topic)| {
        let key = EntityKey::new(EntityKind::Topic, [project, id]);
        !readers.contains_key(topic.name.as_str()) && !dead.contains(&key)
    });
    unread.map(|(id, _)| id.clone()).collect()
}
