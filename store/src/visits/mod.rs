//! Visits to brokers: what one brought home, and the heartbeat of all of them.

mod apply;
mod beats;
mod ids;
mod plan;
mod planning;
mod write;

pub(crate) use ids::Ids;
pub(crate) use plan::{LinkChanges, Plan, PlannedCheck, answer_hash};

use std::collections::HashMap;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{ConnectionId, Cost, EntityId, EntityKey, ServerInfo, Snapshot, Timestamp, Warning};

use crate::catalogue::Connection;
use crate::{Store, StoreError};

/// What one stored visit changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The id of every entity that the snapshot names: described, measured, linked, checked, or as a parent.
    pub ids: HashMap<EntityKey, EntityId>,
    /// Entities that the broker no longer has, by this snapshot for the first time.
    pub deleted: Vec<EntityId>,
    /// The connection's new revision.
    pub revision: u64,
}

/// What the last visits said about the connection as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LastAnswer {
    /// The last visit, answered or not.
    pub visited_at: Option<Timestamp>,
    /// The last visit that got an answer; the fields below are from it.
    pub answered_at: Option<Timestamp>,
    pub server: ServerInfo,
    pub warnings: Vec<Warning>,
    pub cost: Cost,
    pub revision: u64,
}

impl Store {
    /// Stores everything that a visit learnt, in one transaction. After an error nothing of it is stored.
    ///
    /// Values that are not finite numbers are left out: they are not measurements.
    pub async fn write_snapshot(
        &self,
        connection: ConnectionId,
        snapshot: &Snapshot,
        beat: &Beat,
    ) -> Result<Written, StoreError> {
        let planning = |state: &Connection, ids: &mut Ids| Plan::of(snapshot, state, ids);
        self.write_visit(connection, beat, planning).await
    }

    /// Stores that a visit got no answer: its beat, and 0 for the cluster's [`brokerscope_contract::metrics::UP`].
    ///
    /// The cluster is named in the result, also when no visit before has named it.
    pub async fn write_unanswered_visit(&self, connection: ConnectionId, beat: &Beat) -> Result<Written, StoreError> {
        let planning = |state: &Connection, ids: &mut Ids| Ok(Plan::of_failure(beat.at, state, ids));
        self.write_visit(connection, beat, planning).await
    }

    /// [`Store::write_unanswered_visit`], for who only wants the connection's new revision.
    pub async fn write_failed_visit(&self, connection: ConnectionId, beat: &Beat) -> Result<u64, StoreError> {
        Ok(self.write_unanswered_visit(connection, beat).await?.revision)
    }

    async fn write_visit(
        &self,
        connection: ConnectionId,
        beat: &Beat,
        planning: impl FnOnce(&Connection, &mut Ids) -> Result<Plan, StoreError>,
    ) -> Result<Written, StoreError> {
        self.inner.tell(beat.at);
        self.inner.make_room(connection).await?;
        let writer = self.inner.writer().await?;
        let state = self.inner.catalogue.read().connection(connection)?;
        let mut ids = self.inner.ids();
        let plan = planning(&state.read(), &mut ids)?;
        let first_tick = ids.ticks(plan.ticks.len());
        self.inner.set_ids(ids);
        // From here on it must not stop half-way when the caller loses interest: between the commit and the change in
        // memory nobody may look. So it runs by itself.
        let (inner, beat) = (self.inner.clone(), beat.clone());
        let writing = tokio::spawn(async move { inner.carry_out(writer, &state, plan, first_tick, &beat).await });
        writing.await.unwrap_or(Err(StoreError::Closed))
    }
}
