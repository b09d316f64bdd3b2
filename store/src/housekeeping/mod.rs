//! What must be done now and then: sealing, rolling up, and forgetting what is too old or too much.

mod entities;
mod orphans;
mod records;
mod samples;

use std::time::Duration;

use brokerscope_contract::Timestamp;

use crate::samples::roll_up;
use crate::{Store, StoreError};

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Samples as measured, and entities after their deletion. Samples are kept until their day is rolled up in any case.
    pub age: Duration,
    /// Hourly rollups, ended alerts and the history of checks. Rollups of 5 minutes are kept for four times `age`.
    pub rollup_age: Duration,
    /// When the database takes more than this, the oldest samples go before their time.
    pub max_bytes: Option<u64>,
}

/// What one round of housekeeping did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Housekeeping {
    pub sealed_samples: u64,
    /// Rows of rollups, each for up to 32 series.
    pub rollups_written: u64,
    /// Rows of samples and of rollups, each for up to 32 series.
    pub blocks_deleted: u64,
    pub entities_deleted: u64,
    /// Bytes in use afterwards; the file may be larger.
    pub bytes: u64,
}

impl Retention {
    /// The time before which what is kept for `age` is too old.
    fn cutoff(now: Timestamp, age: Duration) -> i64 {
        now.0.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Store {
    /// One round; call it about once a minute. Writes of visits go on in between its steps.
    pub async fn housekeeping(&self, now: Timestamp, retention: &Retention) -> Result<Housekeeping, StoreError> {
        self.inner.tell(now);
        let outcome = self.inner.keep_house(now, retention).await;
        self.inner.note(outcome)
    }
}

impl crate::store::Inner {
    async fn keep_house(
        self: &std::sync::Arc<Self>,
        now: Timestamp,
        retention: &Retention,
    ) -> Result<Housekeeping, StoreError> {
        // What frees room comes first: on a full disk nothing else could be written.
        let mut blocks_deleted = self.delete_orphaned_samples().await?;
        blocks_deleted += self.delete_old_samples(now, retention).await?;
        blocks_deleted += self.delete_samples_beyond(retention.max_bytes).await?;
        let entities_deleted = self.purge_entities(now, retention).await?;
        self.delete_old_records(now, retention).await?;
        self.write_last_seen_at_times(now).await?;
        let sealed_samples = self.seal_aged(now).await?;
        let rollups_written = roll_up(self, now).await?;
        self.give_back_pages().await?;
        let bytes = self.bytes_in_use().await?;
        Ok(Housekeeping {
            sealed_samples,
            rollups_written,
            blocks_deleted,
            entities_deleted,
            bytes,
        })
    }
}
