//! Forgetting entities that brokers no longer have, and writing when the others were last seen.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use brokerscope_contract::{EntityId, EntityKind, Timestamp};
use sqlx::Connection as _;

use super::Retention;
use crate::StoreError;
use crate::catalogue::{Connection, Place, SharedConnection};
use crate::entities;
use crate::samples::{freed_lanes, write_freed};
use crate::store::Inner;

/// Consumers and members get a new name with every connect; what they did is in the queue's own history.
const EPHEMERAL: Duration = Duration::from_secs(86_400);
/// The most deleted entities of a connection that are remembered, whatever their age.
const MOST_DELETED: usize = 50_000;
/// `last_seen` is written this seldom, in milliseconds; samples know better.
const LAST_SEEN: i64 = 10 * 60_000;

impl Inner {
    /// Removes entities that were deleted long ago, with all that hangs on them.
    pub(super) async fn purge_entities(
        self: &Arc<Self>,
        now: Timestamp,
        retention: &Retention,
    ) -> Result<u64, StoreError> {
        let mut purged = 0;
        let connections = self.catalogue.read().all();
        for connection in connections {
            let gone = connection.read().forgettable(now, retention);
            if !gone.is_empty() {
                purged += gone.len() as u64;
                let inner = self.clone();
                let purging = tokio::spawn(async move { inner.purge(&connection, gone).await });
                purging.await.unwrap_or(Err(StoreError::Closed))?;
            }
        }
        Ok(purged)
    }

    async fn purge(&self, connection: &SharedConnection, gone: Vec<EntityId>) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        // Looked at again with the writer in hand: a visit may have found some of them meanwhile.
        let (gone, places, lanes) = {
            let connection = connection.read();
            let (gone, places) = connection.still_gone(gone);
            let lanes = freed_lanes(&connection.lanes, &places);
            (gone, places, lanes)
        };
        let mut tx = writer.begin().await?;
        write_freed(&mut tx, &lanes).await?;
        entities::delete(&mut tx, &gone).await?;
        tx.commit().await?;
        connection.write().forget(&gone, &places);
        Ok(())
    }

    /// Writes `last_seen` where it has fallen behind; not more often than every ten minutes.
    pub(super) async fn write_last_seen_at_times(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write_last_seen_before(now.plus_millis(-LAST_SEEN)).await
    }

    /// Writes `last_seen` of all entities where it has changed.
    pub(crate) async fn write_last_seen(&self) -> Result<(), StoreError> {
        self.write_last_seen_before(Timestamp(i64::MAX)).await
    }

    async fn write_last_seen_before(&self, stored_before: Timestamp) -> Result<(), StoreError> {
        let connections = self.catalogue.read().all();
        for connection in connections {
            let mut behind: BTreeMap<Timestamp, Vec<EntityId>> = BTreeMap::new();
            for (id, known) in &connection.read().known {
                if known.stored_last_seen < known.last_seen && known.stored_last_seen < stored_before {
                    behind.entry(known.last_seen).or_default().push(*id);
                }
            }
            if behind.is_empty() {
                continue;
            }
            let mut writer = self.writer().await?;
            let mut tx = writer.begin().await?;
            for (at, ids) in &behind {
                entities::write_last_seen(&mut tx, *at, ids).await?;
            }
            tx.commit().await?;
            let mut connection = connection.write();
            for (at, ids) in behind {
                for id in ids {
                    if let Some(known) = connection.known.get_mut(&id) {
                        known.stored_last_seen = known.stored_last_seen.max(at);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Connection {
    /// Entities deleted for longer than they are remembered, or too many.
    fn forgettable(&self, now: Timestamp, retention: &Retention) -> Vec<EntityId> {
        let linked: HashSet<EntityId> = self.links.keys().flat_map(|edge| [edge.from, edge.to]).collect();
        let mut gone: Vec<(Timestamp, EntityId)> = Vec::new();
        let mut old = Vec::new();
        for (id, known) in self.known.iter().filter(|(id, _)| !linked.contains(id)) {
            let Some(deleted_at) = known.deleted_at else { continue };
            let age = match known.key.kind {
                EntityKind::Consumer | EntityKind::Member | EntityKind::Producer => retention.age.min(EPHEMERAL),
                _ => retention.age,
            };
            match deleted_at.0 < Retention::cutoff(now, age) {
                true => old.push(*id),
                false => gone.push((deleted_at, *id)),
            }
        }
        gone.sort_unstable();
        let too_many = gone.len().saturating_sub(MOST_DELETED);
        old.extend(gone[..too_many].iter().map(|(_, id)| *id));
        old
    }

    /// Those that are still deleted and of which nothing waits to be sealed, and the places of their series.
    ///
    /// A slot whose samples wait must not be given to somebody else: its rows know slots, not entities.
    fn still_gone(&self, gone: Vec<EntityId>) -> (Vec<EntityId>, Vec<Place>) {
        let waits = |place: &Place| {
            let Some(lane) = self.lanes.get(place.lane) else {
                return false;
            };
            let last = lane.slots.get(place.slot).and_then(|slot| slot.last);
            let unsealed = lane.unsealed().filter_map(|rows| rows.earliest()).min();
            last.zip(unsealed).is_some_and(|((at, _), first)| at >= first)
        };
        let (mut ids, mut places) = (Vec::new(), Vec::new());
        for id in gone {
            let Some(known) = self.known.get(&id).filter(|known| known.deleted_at.is_some()) else {
                continue;
            };
            if !known.series.iter().any(|(_, place)| waits(place)) {
                ids.push(id);
                places.extend(known.series.iter().map(|(_, place)| *place));
            }
        }
        (ids, places)
    }

    fn forget(&mut self, gone: &[EntityId], places: &[Place]) {
        let ids: HashSet<EntityId> = gone.iter().copied().collect();
        for id in gone {
            if let Some(known) = self.known.remove(id) {
                self.ids.remove(&known.key);
            }
        }
        self.checks.retain(|(entity, _), _| !ids.contains(entity));
        for place in places {
            if let Some(slot) = self
                .lanes
                .get_mut(place.lane)
                .and_then(|lane| lane.slots.get_mut(place.slot))
            {
                *slot = Default::default();
            }
        }
    }
}
