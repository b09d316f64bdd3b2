//! Forgetting samples: by age and by size.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;
use sqlx::{QueryBuilder, SqliteConnection};

use super::Retention;
use crate::StoreError;
use crate::store::Inner;

/// Rows of blocks per transaction: some 2 MB, so that a visit that comes in between does not wait long.
pub(super) const ROWS: i64 = 64;
/// Free pages that the file keeps for what comes next; more are given back to the disk.
const SPARE_SHARE: i64 = 8;
/// Pages given back in one round: moving them costs time.
const PAGES_A_ROUND: i64 = 4096;

impl Inner {
    /// Removes samples and rollups that are too old.
    pub(super) async fn delete_old_samples(&self, now: Timestamp, retention: &Retention) -> Result<u64, StoreError> {
        let cutoff = Retention::cutoff(now, retention.age);
        let mut deleted = 0;
        for ids in self.old_blocks(now, cutoff).await?.chunks(ROWS as usize) {
            deleted += delete_ids(&mut *self.writer().await?, "blocks", ids).await?;
        }
        let fine_age = retention.age.saturating_mul(4).min(retention.rollup_age);
        for (tier, age) in [(0, fine_age), (1, retention.rollup_age)] {
            deleted += self.delete_old_rollups(tier, Retention::cutoff(now, age)).await?;
        }
        Ok(deleted)
    }

    /// The blocks that ended before this, of days that are rolled up.
    ///
    /// A visit whose clock was ahead leaves blocks that end in the future: they go with what was sealed after them.
    async fn old_blocks(&self, now: Timestamp, cutoff: i64) -> Result<Vec<i64>, StoreError> {
        // One step into the index for each lane, and the rows themselves, which are large, are not read.
        let ended = |condition: &'static str, at: i64| {
            let mut query = QueryBuilder::new(
                "SELECT blocks.id, blocks.lane, blocks.to_at FROM lanes
                 CROSS JOIN blocks ON blocks.lane = lanes.id WHERE blocks.to_at ",
            );
            query.push(condition).push_bind(at);
            query
        };
        let ended_before: Vec<(i64, i64, i64)> = ended("< ", cutoff).build_query_as().fetch_all(&self.readers).await?;
        let rolled = self.rolled();
        let is_rolled = |lane: &i64, to: i64| rolled.get(lane).copied().flatten().is_some_and(|rolled| to < rolled);
        let (mut old, mut newest) = (Vec::new(), HashMap::new());
        for (id, lane, to) in ended_before {
            if is_rolled(&lane, to) {
                old.push(id);
                let newest = newest.entry(lane).or_insert(id);
                *newest = id.max(*newest);
            }
        }
        if !old.is_empty() {
            let ahead: Vec<(i64, i64, i64)> = ended("> ", now.0).build_query_as().fetch_all(&self.readers).await?;
            let passed = |(id, lane, _): &(i64, i64, i64)| newest.get(lane).is_some_and(|newest| id < newest);
            old.extend(ahead.into_iter().filter(passed).map(|(id, ..)| id));
        }
        // In the order in which they were written, which is about that of the file.
        old.sort_unstable();
        Ok(old)
    }

    async fn delete_old_rollups(&self, tier: i64, cutoff: i64) -> Result<u64, StoreError> {
        // One step into the index for each lane, instead of a walk over a year of rows every minute.
        let old: Vec<(i64,)> = sqlx::query_as(
            "SELECT rollups.id FROM lanes CROSS JOIN rollups ON rollups.lane = lanes.id
             WHERE rollups.tier = ? AND rollups.to_at < ?",
        )
        .bind(tier)
        .bind(cutoff)
        .fetch_all(&self.readers)
        .await?;
        let ids: Vec<i64> = old.into_iter().map(|(id,)| id).collect();
        let mut deleted = 0;
        for ids in ids.chunks(ROWS as usize) {
            deleted += delete_ids(&mut *self.writer().await?, "rollups", ids).await?;
        }
        Ok(deleted)
    }

    /// Removes the oldest samples, then the oldest rollups, until what is left takes no more than this.
    pub(super) async fn delete_samples_beyond(&self, max_bytes: Option<u64>) -> Result<u64, StoreError> {
        let Some(max_bytes) = max_bytes else { return Ok(0) };
        let mut deleted = 0;
        for table in ["blocks", "rollups"] {
            while self.bytes_in_use().await? > max_bytes {
                let mut oldest = QueryBuilder::new("SELECT id FROM ");
                oldest.push(table).push(" ORDER BY id LIMIT ").push_bind(ROWS);
                let ids: Vec<i64> = oldest.build_query_scalar().fetch_all(&self.readers).await?;
                if ids.is_empty() {
                    break;
                }
                deleted += delete_ids(&mut *self.writer().await?, table, &ids).await?;
            }
        }
        Ok(deleted)
    }

    /// Bytes of the pages that hold something.
    pub(super) async fn bytes_in_use(&self) -> Result<u64, StoreError> {
        let (pages, free, size) = self.pages().await?;
        Ok(u64::try_from((pages - free) * size).unwrap_or(0))
    }

    /// Makes the file smaller when much of it is empty.
    pub(super) async fn give_back_pages(&self) -> Result<(), StoreError> {
        let (pages, free, _) = self.pages().await?;
        let spare = (pages / SPARE_SHARE).max(PAGES_A_ROUND);
        if free > spare {
            let mut query = QueryBuilder::new("PRAGMA incremental_vacuum(");
            query.push((free - spare).min(PAGES_A_ROUND)).push(")");
            query.build().execute(&mut *self.writer().await?).await?;
        }
        Ok(())
    }

    async fn pages(&self) -> Result<(i64, i64, i64), StoreError> {
        let pages = "SELECT page_count, freelist_count, page_size
                     FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        Ok(sqlx::query_as(pages).fetch_one(&self.readers).await?)
    }

    /// Up to where each lane is rolled up.
    fn rolled(&self) -> HashMap<i64, Option<i64>> {
        let connections = self.catalogue.read().all();
        let mut rolled = HashMap::new();
        for connection in connections {
            rolled.extend(connection.read().lanes.iter().map(|lane| (lane.id, lane.rolled[0])));
        }
        rolled
    }
}

async fn delete_ids(writer: &mut SqliteConnection, table: &str, ids: &[i64]) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("DELETE FROM ");
    query.push(table).push(" WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    Ok(query
        .push(")")
        .build()
        .persistent(false)
        .execute(writer)
        .await?
        .rows_affected())
}
