//! Visits to brokers: what one brought home, and the heartbeat of all of them.

use std::collections::HashMap;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{ConnectionId, Cost, EntityId, EntityKey, ServerInfo, Snapshot, Timestamp, Warning};

use crate::store::unfinished;
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
    /// Samples that are not finite numbers are left out: they are not measurements.
    pub async fn write_snapshot(
        &self,
        _connection: ConnectionId,
        _snapshot: &Snapshot,
        _beat: &Beat,
    ) -> Result<Written, StoreError> {
        unfinished()
    }

    /// Stores that a visit got no answer; returns the connection's new revision.
    pub async fn write_failed_visit(&self, _connection: ConnectionId, _beat: &Beat) -> Result<u64, StoreError> {
        unfinished()
    }

    /// What is known about the connection as a whole; the default when it was never visited.
    pub async fn last_answer(&self, _connection: ConnectionId) -> Result<LastAnswer, StoreError> {
        unfinished()
    }

    /// The newest `n` visits, oldest first.
    pub async fn beats(&self, _connection: ConnectionId, _n: usize) -> Result<Vec<Beat>, StoreError> {
        unfinished()
    }

    /// The share of visits since then that got an answer, 0 to 1; `None` when there was no visit.
    pub async fn uptime(&self, _connection: ConnectionId, _since: Timestamp) -> Result<Option<f64>, StoreError> {
        unfinished()
    }
}
