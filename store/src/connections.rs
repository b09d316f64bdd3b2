//! Configured connections. Secrets are an opaque sealed blob here.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, Settings, System, Timestamp};

use crate::store::unfinished;
use crate::{Store, StoreError};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredConnection {
    pub id: ConnectionId,
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    /// Settings without the secret ones.
    pub settings: Settings,
    /// The secret settings, encrypted by the server; the store cannot read them.
    pub sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewConnection {
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    pub settings: Settings,
    pub sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

impl Store {
    /// All connections, oldest first.
    pub async fn connections(&self) -> Result<Vec<StoredConnection>, StoreError> {
        unfinished()
    }

    pub async fn connection(&self, _id: ConnectionId) -> Result<Option<StoredConnection>, StoreError> {
        unfinished()
    }

    /// Fails with [`StoreError::NameTaken`] when another connection has the name.
    pub async fn add_connection(&self, _new: &NewConnection) -> Result<StoredConnection, StoreError> {
        unfinished()
    }

    /// Replaces everything but the id and `created_at`.
    pub async fn update_connection(&self, _connection: &StoredConnection) -> Result<(), StoreError> {
        unfinished()
    }

    /// Removes the connection with all its data. Its id is never used again.
    pub async fn delete_connection(&self, _id: ConnectionId) -> Result<(), StoreError> {
        unfinished()
    }
}
