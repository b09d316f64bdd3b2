//! The live view at start: everything that was stored last, so that the first page is not an empty one.

use std::collections::HashMap;
use std::sync::Arc;

use brokerscope_contract::api::health::CheckChange;
use brokerscope_contract::{CheckId, EntityId, EntityKind, Timestamp};
use brokerscope_store::{CheckChanged, Store, StoreError, StoredConnection, StoredEntity};

use super::connection::{BEATS, CHANGES, Check};
use super::links::Edges;
use super::warnings::Warnings;
use super::{Connection, Entity, Known, Live};

/// The share of answered visits is that of this long.
pub const UPTIME_MILLIS: i64 = 30 * 86_400_000;

impl Live {
    /// Reads what is known about every stored connection. Their configuration follows with
    /// [`Live::set_connections`], which knows about secrets.
    pub async fn load(store: &Store, now: Timestamp) -> Result<Live, StoreError> {
        let live = Live::default();
        for stored in store.connections().await? {
            live.put(load(store, stored, now).await?);
        }
        Ok(live)
    }
}

async fn load(store: &Store, stored: StoredConnection, now: Timestamp) -> Result<Connection, StoreError> {
    let id = stored.id;
    let mut connection = Connection::new(known(stored));
    for entity in store.entities(id).await? {
        connection.recall_entity(entity);
    }
    for (entity, metric, at, value) in store.latest(id).await? {
        if let Some(entity) = connection.entities.get_mut(entity) {
            entity.readings.put(metric, at, value, None);
        }
    }
    for (entity, judgement) in store.judgements(id).await? {
        if let Some(entity) = connection.entities.get_mut(entity) {
            if entity.kind() == EntityKind::Cluster {
                connection.judgement = Some(judgement.clone());
            }
            entity.judgement = Some(judgement);
        }
    }
    let links = store.links(id).await?;
    connection.edges = Edges::new(&links, |key| connection.ids.get(key).copied());
    recall_checks(&mut connection, store).await?;
    let last = store.last_answer(id).await?;
    let visits = &mut connection.visits;
    visits.answered_at = last.answered_at;
    visits.cost = last.answered_at.map(|_| last.cost);
    (visits.server, visits.revision) = (last.server, last.revision);
    visits.warnings = Warnings::new(last.warnings);
    visits.beats = store.beats(id, BEATS).await?.into();
    visits.uptime = store.uptime(id, now.plus_millis(-UPTIME_MILLIS)).await?;
    connection.totals = connection.totals_now();
    connection.forget();
    Ok(connection)
}

fn known(stored: StoredConnection) -> Known {
    Known {
        id: stored.id,
        name: stored.name,
        system: stored.system,
        origin: stored.origin,
        paused: stored.paused,
        settings: stored.settings,
        secrets_set: Vec::new(),
        trouble: None,
    }
}

async fn recall_checks(connection: &mut Connection, store: &Store) -> Result<(), StoreError> {
    let id = connection.known.id;
    let present = store.checks(id).await?;
    let history = store.check_history(id, CHANGES * present.len().max(1)).await?;
    let mut changes: HashMap<(EntityId, CheckId), Vec<CheckChanged>> = HashMap::new();
    for change in history {
        changes
            .entry((change.entity, change.check.clone()))
            .or_default()
            .push(change);
    }
    for stored in present {
        let key = (stored.entity, stored.result.check);
        let past = changes.remove(&key).unwrap_or_default();
        let check = Check {
            status: stored.result.status,
            text: stored.result.text,
            absent: stored.result.absent,
            since: stored.since,
            checked_at: stored.checked_at,
            changes: past
                .into_iter()
                .take(CHANGES)
                .map(|change| CheckChange {
                    at: change.at,
                    status: change.status,
                    text: change.text,
                })
                .collect(),
        };
        connection.checks.insert(key, check);
    }
    Ok(())
}

impl Connection {
    fn recall_entity(&mut self, stored: StoredEntity) {
        let key = Arc::new(stored.key);
        self.ids.insert(Arc::clone(&key), stored.id);
        let entity = Entity {
            parent: stored.parent,
            attributes: self.share(&stored.attributes),
            internal: stored.internal,
            stands_for: stored.stands_for.map(Box::new),
            first_seen: stored.first_seen,
            last_seen: stored.last_seen,
            deleted_at: stored.deleted_at,
            ..Entity::new(stored.id, key, stored.first_seen)
        };
        self.index.add(stored.id, entity.role());
        self.index.move_part(stored.id, None, entity.parent);
        self.index.set_far_end(stored.id, entity.stands_for.is_some());
        self.entities.get_or_insert_with(stored.id, || entity);
    }
}
