//! Removing what belongs to nobody any more: the samples of deleted connections, and those of lanes that are gone.

use sqlx::QueryBuilder;

use super::samples::ROWS;
use crate::StoreError;
use crate::store::Inner;

/// What sums up or holds the samples of a lane.
const OF_LANES: [&str; 2] = ["blocks", "rollups"];

impl Inner {
    /// Removes them bit by bit, so that visits to other connections go on meanwhile.
    pub(super) async fn delete_orphaned_samples(&self) -> Result<u64, StoreError> {
        const ORPHANED: &str = "connection NOT IN (SELECT id FROM connections)";
        let lanes: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM lanes WHERE connection NOT IN (SELECT id FROM connections)")
                .fetch_all(&self.readers)
                .await?;
        let mut deleted = 0;
        for lane in lanes {
            for table in OF_LANES {
                deleted += self.delete_rows(table, &format!("lane = {lane}")).await?;
            }
            let mut writer = self.writer().await?;
            sqlx::query("DELETE FROM lanes WHERE id = ?")
                .bind(lane)
                .execute(&mut *writer)
                .await?;
        }
        self.delete_rows("ticks", ORPHANED).await?;
        Ok(deleted + self.delete_without_lane().await?)
    }

    /// Samples that were being sealed or rolled up while their lane was removed: written after it, they have none.
    async fn delete_without_lane(&self) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for table in OF_LANES {
            // One step into the index for each lane, instead of a walk over all rows every minute.
            let mut query = QueryBuilder::new("");
            query.push(format_args!(
                "WITH RECURSIVE present (lane) AS (
                     SELECT min(lane) FROM {table}
                     UNION ALL
                     SELECT (SELECT min(lane) FROM {table} WHERE lane > present.lane)
                     FROM present WHERE present.lane IS NOT NULL
                 )
                 SELECT lane FROM present WHERE lane IS NOT NULL AND lane NOT IN (SELECT id FROM lanes)"
            ));
            let lanes: Vec<i64> = query.build_query_scalar().fetch_all(&self.readers).await?;
            for lane in lanes {
                deleted += self.delete_rows(table, &format!("lane = {lane}")).await?;
            }
        }
        Ok(deleted)
    }

    /// Deletes the rows for which the condition holds, some at a time.
    async fn delete_rows(&self, table: &str, condition: &str) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let mut query = QueryBuilder::new("DELETE FROM ");
            query.push(format_args!(
                "{table} WHERE id IN (SELECT id FROM {table} WHERE {condition} LIMIT "
            ));
            query.push_bind(ROWS).push(")");
            let done = query.build().execute(&mut *self.writer().await?).await?.rows_affected();
            deleted += done;
            if done < ROWS as u64 {
                return Ok(deleted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;

    use crate::{Retention, Store, StoreOptions};

    #[tokio::test]
    async fn what_is_written_for_a_lane_after_it_was_removed_goes_with_the_next_round() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(folder.path().join("test.db")))
            .await
            .unwrap();
        let late = [
            "INSERT INTO lanes (id, connection, metric, entities, sealed_tick, last) VALUES (5, 1, 'depth', '', 0, '')",
            "INSERT INTO connections (id, name, system, origin, paused, settings, created_at)
             VALUES (1, 'shop', 'rabbitmq', 'page', 0, '{}', 0)",
            "INSERT INTO blocks (lane, from_at, to_at, last_tick, data) VALUES (5, 0, 1, 1, ''), (7, 0, 1, 1, '')",
            "INSERT INTO rollups (lane, tier, from_at, to_at, data)
             VALUES (5, 0, 0, 1, ''), (7, 0, 0, 1, ''), (9, 1, 0, 1, '')",
        ];
        for statement in late {
            let mut writer = store.inner.writer().await.unwrap();
            sqlx::query(statement).execute(&mut *writer).await.unwrap();
        }
        let forever = std::time::Duration::from_secs(1_000_000_000);
        let retention = Retention {
            age: forever,
            rollup_age: forever,
            max_bytes: None,
        };
        let done = store.housekeeping(Timestamp(0), &retention).await.unwrap();
        assert_eq!(done.blocks_deleted, 3);
        let done = store.housekeeping(Timestamp(0), &retention).await.unwrap();
        assert_eq!(done.blocks_deleted, 0, "what has a lane stays");
    }
}
