//! The audit log: who changed what, and when.

use brokerscope_contract::Timestamp;

use crate::store::unfinished;
use crate::{Store, StoreError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// A stable word such as `connection.add`.
    pub action: String,
    /// What exactly, for people; never a secret.
    pub detail: String,
}

impl Store {
    pub async fn audit(&self, _at: Timestamp, _action: &str, _detail: &str) -> Result<(), StoreError> {
        unfinished()
    }

    /// The newest entries, newest first.
    pub async fn audit_log(&self, _limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        unfinished()
    }
}
