//! What must be done now and then: sealing, rolling up, and forgetting what is too old or too much.

use std::time::Duration;

use brokerscope_contract::Timestamp;

use crate::store::unfinished;
use crate::{Store, StoreError};

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Samples as measured, visits, and entities after their deletion.
    pub age: Duration,
    /// Rollups, ended alerts and the history of checks.
    pub rollup_age: Duration,
    /// When the database takes more than this, the oldest samples go before their time.
    pub max_bytes: Option<u64>,
}

/// What one round of housekeeping did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Housekeeping {
    pub sealed_samples: u64,
    pub rollups_written: u64,
    pub blocks_deleted: u64,
    pub entities_deleted: u64,
    /// Bytes in use afterwards.
    pub bytes: u64,
}

impl Store {
    /// One round; call it about once a minute. Writes of visits go on in between its steps.
    pub async fn housekeeping(&self, _now: Timestamp, _retention: &Retention) -> Result<Housekeeping, StoreError> {
        unfinished()
    }
}
