//! The audit log: who changed what, and when.

use brokerscope_contract::Timestamp;

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
    pub async fn audit(&self, at: Timestamp, action: &str, detail: &str) -> Result<(), StoreError> {
        self.inner.tell(at);
        self.inner
            .write(async |writer| {
                sqlx::query("INSERT INTO audit (at, action, detail) VALUES (?, ?, ?)")
                    .bind(at.0)
                    .bind(action)
                    .bind(detail)
                    .execute(writer)
                    .await?;
                Ok(())
            })
            .await
    }

    /// The newest entries, newest first.
    pub async fn audit_log(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT at, action, detail FROM audit ORDER BY id DESC LIMIT ?")
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&self.inner.readers)
                .await?;
        let entries = rows.into_iter().map(|(at, action, detail)| AuditEntry {
            at: Timestamp(at),
            action,
            detail,
        });
        Ok(entries.collect())
    }
}
