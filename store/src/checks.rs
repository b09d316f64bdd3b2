//! Health checks: the present state of each, and the changes of its status.

use brokerscope_contract::{CheckId, CheckResult, ConnectionId, EntityId, Status, Timestamp};

use crate::store::unfinished;
use crate::{Store, StoreError};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheck {
    pub entity: EntityId,
    pub result: CheckResult,
    /// Since when it has this status.
    pub since: Timestamp,
    pub checked_at: Timestamp,
}

/// A check took a new status.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckChanged {
    pub entity: EntityId,
    pub check: CheckId,
    pub at: Timestamp,
    pub status: Status,
    pub text: String,
}

impl Store {
    /// The present state of every check on entities that exist.
    pub async fn checks(&self, _connection: ConnectionId) -> Result<Vec<StoredCheck>, StoreError> {
        unfinished()
    }

    /// Changes of status, newest first; the present state of a check is its newest change.
    pub async fn check_history(
        &self,
        _connection: ConnectionId,
        _limit: usize,
    ) -> Result<Vec<CheckChanged>, StoreError> {
        unfinished()
    }
}
