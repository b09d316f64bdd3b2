//! Alerts, active and ended.

use brokerscope_contract::Alert;
use sqlx::Connection as _;

use crate::{Store, StoreError, words};

impl Store {
    /// Creates those whose id is 0, replaces the others; returns the ids in the same order.
    pub async fn save_alerts(&self, alerts: &[Alert]) -> Result<Vec<i64>, StoreError> {
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        self.inner
            .write(async |writer| {
                let mut tx = writer.begin().await?;
                let mut ids = Vec::with_capacity(alerts.len());
                for alert in alerts {
                    let (id,): (i64,) = sqlx::query_as(
                        "INSERT INTO alerts (id, ended_at, body) VALUES (?, ?, ?)
                         ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body
                         RETURNING id",
                    )
                    .bind((alert.id != 0).then_some(alert.id))
                    .bind(alert.ended_at.map(|at| at.0))
                    .bind(words::json(alert)?)
                    .fetch_one(&mut *tx)
                    .await?;
                    ids.push(id);
                }
                tx.commit().await?;
                Ok(ids)
            })
            .await
    }

    /// Removes alerts that never fired.
    pub async fn forget_alerts(&self, ids: &[i64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.inner
            .write(async |writer| {
                let mut tx = writer.begin().await?;
                for id in ids {
                    sqlx::query("DELETE FROM alerts WHERE id = ?")
                        .bind(id)
                        .execute(&mut *tx)
                        .await?;
                }
                tx.commit().await?;
                Ok(())
            })
            .await
    }

    /// Alerts without an end, oldest first.
    pub async fn active_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query_as("SELECT id, body FROM alerts WHERE ended_at IS NULL ORDER BY id")
            .fetch_all(&self.inner.readers)
            .await?;
        Ok(read(rows))
    }

    /// One alert, active or ended.
    pub async fn alert(&self, id: i64) -> Result<Option<Alert>, StoreError> {
        let row = sqlx::query_as("SELECT id, body FROM alerts WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.inner.readers)
            .await?;
        Ok(read(row.into_iter().collect()).pop())
    }

    /// Alerts with an end, the last ended first.
    pub async fn ended_alerts(&self, limit: usize) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT id, body FROM alerts WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT ?",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.inner.readers)
        .await?;
        Ok(read(rows))
    }
}

/// An alert that this release cannot read, such as on a metric that is gone, is left out.
fn read(rows: Vec<(i64, String)>) -> Vec<Alert> {
    let alerts = rows
        .into_iter()
        .filter_map(|(id, body)| match words::from_json::<Alert>(&body) {
            Ok(alert) => Some(Alert { id, ..alert }),
            Err(error) => {
                tracing::warn!(alert = id, %error, "a stored alert cannot be read");
                None
            }
        });
    alerts.collect()
}
