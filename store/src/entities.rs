//! What a broker is made of, and the links between its parts.

use brokerscope_contract::{Attribute, ConnectionId, EntityId, EntityKey, Link, Timestamp};

use crate::store::unfinished;
use crate::{Store, StoreError};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntity {
    pub id: EntityId,
    pub key: EntityKey,
    pub parent: Option<EntityId>,
    pub attributes: Vec<Attribute>,
    pub internal: bool,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Set when the broker no longer has it.
    pub deleted_at: Option<Timestamp>,
}

impl Store {
    /// Every entity of the connection, deleted ones included, in the order of their ids.
    pub async fn entities(&self, _connection: ConnectionId) -> Result<Vec<StoredEntity>, StoreError> {
        unfinished()
    }

    /// The links as last told by the broker.
    pub async fn links(&self, _connection: ConnectionId) -> Result<Vec<Link>, StoreError> {
        unfinished()
    }
}
