//! Forgetting records: visits, changes of checks, ended alerts, the audit log.

use std::time::Duration;

use brokerscope_contract::Timestamp;
use sqlx::Connection as _;

use super::Retention;
use crate::StoreError;
use crate::store::Inner;

/// Uptime looks back this far.
const VISITS: Duration = Duration::from_secs(30 * 86_400);
/// Who did what is of interest for at least a year.
const AUDIT: Duration = Duration::from_secs(365 * 86_400);
/// A check that flaps once a second for a day must not fill the disk.
const MOST_CHECK_CHANGES: i64 = 100_000;

impl Inner {
    pub(super) async fn delete_old_records(&self, now: Timestamp, retention: &Retention) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = writer.begin().await?;
        sqlx::query("DELETE FROM visits WHERE at < ?")
            .bind(Retention::cutoff(now, retention.age.max(VISITS)))
            .execute(&mut *tx)
            .await?;
        let old = Retention::cutoff(now, retention.rollup_age);
        // The newest change of each check stays: it says since when.
        sqlx::query(
            "DELETE FROM check_changes
             WHERE (at < ?1 OR id <= (SELECT id FROM check_changes ORDER BY id DESC LIMIT 1 OFFSET ?2))
             AND id NOT IN (SELECT max(id) FROM check_changes GROUP BY entity, name)",
        )
        .bind(old)
        .bind(MOST_CHECK_CHANGES)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM alerts WHERE ended_at < ?")
            .bind(old)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM audit WHERE at < ?")
            .bind(Retention::cutoff(now, retention.rollup_age.max(AUDIT)))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
