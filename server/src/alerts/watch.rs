//! Which entities a rule watches now, and their newest stored values.

use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{ConnectionId, EntityId, Rule, Timestamp};
use brokerscope_judge::rule::{Candidate, matches};

use crate::live::{Connection, Entity, Live};

/// One entity that a rule watches.
#[derive(Debug, Clone)]
pub struct Watching {
    pub entity: EntityRef,
    pub connection_name: String,
    /// The newest stored value as it is judged: a counter's rate. `None` until there is one.
    pub newest: Option<(Timestamp, f64)>,
}

/// What `rule` watches in one connection: entities in its scope that exist and have its metric.
pub fn watched(rule: &Rule, connection: &Connection) -> Vec<Watching> {
    let id = connection.known.id;
    let in_scope = connection
        .entities
        .iter()
        .filter(|entity| is_watched(rule, connection, entity));
    let mut watched: Vec<Watching> = in_scope
        .map(|entity| Watching {
            entity: entity.reference(id),
            connection_name: connection.known.name.clone(),
            newest: entity.readings.shown(rule.metric),
        })
        .collect();
    // The table is not ordered; alerts are numbered in the order of this list.
    watched.sort_unstable_by_key(|watching| watching.entity.id);
    watched
}

/// How many entities a rule watches in all connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watched {
    pub all: usize,
    /// Those whose connection answers.
    pub readable: usize,
}

pub fn count(rule: &Rule, live: &Live, now: Timestamp) -> Watched {
    let mut watched = Watched::default();
    for connection in live.all() {
        let connection = connection.read();
        let entities = connection.entities.iter();
        let matching = entities.filter(|entity| is_watched(rule, &connection, entity)).count();
        watched.all += matching;
        watched.readable += if connection.is_fresh(now) { matching } else { 0 };
    }
    watched
}

/// Whether the last value of an entity may begin an alert: one from long ago, such as before a pause, is no news.
pub fn stands(rule: &Rule, connection: &Connection, watching: &Watching, now: Timestamp) -> bool {
    // Measured just now, by a visit that failed: that the broker does not answer is known although all else is old.
    if watching.newest.is_some_and(|(at, _)| at == now) {
        return true;
    }
    let entity = connection.entities.get(watching.entity.id);
    entity.is_some_and(|entity| connection.reading(entity, rule.metric, now).absent.is_none())
}

/// Why a state has nothing to be judged by any more, if that is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Watched,
    /// The broker no longer has the entity.
    Gone,
    /// The rule no longer watches it.
    OutOfScope,
    /// The connection was removed or paused.
    ConnectionLeft,
}

/// How `rule` stands to an entity that it watched before.
pub fn standing(rule: &Rule, live: &Live, connection: ConnectionId, entity: EntityId) -> Standing {
    let Some(connection) = live.connection(connection) else {
        return Standing::ConnectionLeft;
    };
    let connection = connection.read();
    if connection.known.paused {
        return Standing::ConnectionLeft;
    }
    let Some(entity) = connection.entities.get(entity) else {
        return Standing::Gone;
    };
    if !rule.enabled || !in_scope(rule, &connection, entity) {
        return Standing::OutOfScope;
    }
    if entity.exists() {
        Standing::Watched
    } else {
        Standing::Gone
    }
}

fn is_watched(rule: &Rule, connection: &Connection, entity: &Entity) -> bool {
    entity.exists() && entity.readings.has(rule.metric) && in_scope(rule, connection, entity)
}

fn in_scope(rule: &Rule, connection: &Connection, entity: &Entity) -> bool {
    let candidate = Candidate {
        connection: connection.known.id,
        system: connection.known.system,
        kind: entity.kind(),
        entity: entity.id,
        name: entity.key.name(),
    };
    matches(&rule.scope, &candidate)
}
