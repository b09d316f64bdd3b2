//! What edges lead to or come from and no watched account has: addresses, and queues and topics of other accounts.

use std::collections::{BTreeSet, HashSet};

use brokerscope_contract::{Attribute, Elsewhere, Entity, EntityKey, EntityKind, Link, Site, System};

use crate::aws::memory::{Memory, queue_key};

/// Each of them. An ARN is the same everywhere, so whoever watches that account has the real one.
pub fn entities(links: &[Link], memories: &[&Memory]) -> Vec<Entity> {
    let watched: HashSet<[String; 2]> = memories.iter().map(|memory| memory.place()).collect();
    let ends: BTreeSet<&EntityKey> = links.iter().flat_map(|link| [&link.from, &link.to]).collect();
    let is_watched = |key: &EntityKey| watched.iter().any(|place| key.path.starts_with(place));
    let is_foreign = |key: &&EntityKey| match key.kind {
        EntityKind::Endpoint => true,
        EntityKind::Topic => !is_watched(key),
        _ => false,
    };
    let described = |key| entity(key, &is_watched);
    ends.into_iter().filter(is_foreign).map(described).collect()
}

/// The queue of a watched account that the connection itself does not see.
pub fn unseen_queue([account, region]: [&str; 2], name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, [format!("arn:aws:sqs:{region}:{account}:{name}")])
}

fn entity(key: &EntityKey, is_watched: &dyn Fn(&EntityKey) -> bool) -> Entity {
    let mut entity = Entity::new(key.clone());
    let real = match key.kind {
        EntityKind::Endpoint => queue_key(key.name()),
        _ => Some(key.clone()),
    };
    let Some(real) = real else { return entity };
    for (name, value) in ["Account", "Region"].into_iter().zip(real.path.iter()) {
        entity.attributes.push(Attribute::new(name, value));
    }
    if let Some(account) = entity.attributes.first_mut().filter(|_| !is_watched(&real)) {
        account.note = Some("an account or region that this connection does not watch".into());
    }
    entity.stands_for = Some(Elsewhere {
        system: System::AwsSqs,
        at: Site::Anywhere,
        keys: vec![real],
    });
    entity
}
