//! From what was answered to a snapshot: pure.

mod attributes;
mod beyond;
mod blind_spots;
mod links;
mod places;
mod queue_checks;
mod queues;
mod sns;
mod sns_checks;

use std::collections::HashSet;

use brokerscope_contract::{Entity, EntityKey, EntityKind, History, Snapshot, Timestamp};

use super::config::Config;
use super::failure::Failure;
use super::memory::Memory;

pub use sns::address;

/// One account in one region, as a visit left it.
pub struct Seen<'a> {
    pub memory: &'a Memory,
    /// What CloudWatch told, or why the place did not answer.
    pub outcome: Result<Vec<History>, Failure>,
}

/// What all places together say.
pub fn snapshot(seen: Vec<Seen<'_>>, config: &Config, at: Timestamp) -> Snapshot {
    let mut snapshot = Snapshot::empty(at);
    let memories: Vec<&Memory> = seen.iter().map(|seen| seen.memory).collect();
    let all_answered = seen.iter().all(|seen| seen.outcome.is_ok());
    snapshot.entities.push(Entity::new(EntityKey::cluster()));
    for place in &seen {
        places::describe(place, config, at, &mut snapshot);
        queues::describe(place.memory, &mut snapshot);
        sns::describe(place.memory, &mut snapshot);
        snapshot.warnings.extend(blind_spots::warnings(place));
        if place.outcome.is_ok() {
            queue_checks::check(place.memory, &memories, &mut snapshot.checks);
            sns_checks::check(place.memory, &memories, &mut snapshot.checks);
        }
    }
    if seen.iter().any(|seen| seen.outcome.is_ok()) {
        snapshot.warnings.extend(blind_spots::not_asked(config));
    }
    let links = links::links(&memories);
    snapshot.entities.extend(beyond::entities(&links, &memories));
    snapshot.links = Some(links);
    snapshot.checks.push(places::reachable(&seen));
    snapshot.complete = complete(&memories, all_answered, config);
    snapshot.server = places::server(&memories, config);
    // The same account may be reached in two ways.
    let mut described: HashSet<EntityKey> = HashSet::new();
    snapshot.entities.retain(|entity| described.insert(entity.key.clone()));
    snapshot.history = seen
        .into_iter()
        .filter_map(|seen| seen.outcome.ok())
        .flatten()
        .collect();
    snapshot
}

/// Lists are whole only when every place has told its own.
fn complete(memories: &[&Memory], all_answered: bool, config: &Config) -> Vec<EntityKind> {
    let mut complete = Vec::new();
    let queues = |memory: &&Memory| memory.queues_complete && memory.doubted_queues.is_empty();
    let sns = |memory: &&Memory| {
        memory.sns_complete && memory.doubted_topics.is_empty() && memory.doubted_subscriptions.is_empty()
    };
    if all_answered && memories.iter().all(queues) {
        complete.push(EntityKind::Queue);
    }
    if all_answered && config.sns && memories.iter().all(sns) {
        complete.extend([EntityKind::Topic, EntityKind::Subscription]);
    }
    // Endpoints are what the two lead to.
    let wanted = if config.sns { 3 } else { 1 };
    if complete.len() == wanted {
        complete.push(EntityKind::Endpoint);
    }
    complete
}

#[cfg(test)]
mod tests;
