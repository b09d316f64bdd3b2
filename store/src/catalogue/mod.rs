//! What is kept in memory of every connection: who is who, last values, and what the last visit said.
//!
//! It mirrors the database and is changed only after a transaction has been committed, by whoever holds the writer.
//! Readers lock one connection for as long as it takes to copy what they need, never across an await.

pub(crate) mod connection;
pub(crate) mod load;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use brokerscope_contract::{ConnectionId, EntityId, MetricId};

pub(crate) use connection::{Connection, Known, Place};

use crate::StoreError;

/// A lock that a panic elsewhere does not take away: what is behind it is only changed by code that cannot panic.
#[derive(Debug)]
pub(crate) struct Shared<T>(RwLock<T>);

impl<T> Shared<T> {
    pub fn new(value: T) -> Shared<T> {
        Shared(RwLock::new(value))
    }

    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) type SharedConnection = Arc<Shared<Connection>>;

/// All connections, by id.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub connections: BTreeMap<ConnectionId, SharedConnection>,
}

impl Catalogue {
    pub fn connection(&self, id: ConnectionId) -> Result<SharedConnection, StoreError> {
        self.connections
            .get(&id)
            .cloned()
            .ok_or(StoreError::NotFound("connection"))
    }

    pub fn all(&self) -> Vec<SharedConnection> {
        self.connections.values().cloned().collect()
    }

    /// Where the series is kept, if it was ever measured.
    pub fn find(&self, entity: EntityId, metric: MetricId) -> Option<(SharedConnection, Place)> {
        self.connections.values().find_map(|connection| {
            let place = connection.read().place(entity, metric)?;
            Some((connection.clone(), place))
        })
    }
}
