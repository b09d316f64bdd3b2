//! Small settings of the server itself, bytes by key.

use crate::{Store, StoreError};

impl Store {
    pub async fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> = sqlx::query_as("SELECT value FROM settings WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.inner.readers)
            .await?;
        Ok(row.map(|(value,)| value))
    }

    pub async fn set_setting(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.inner
            .write(async |writer| {
                sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)")
                    .bind(key)
                    .bind(value)
                    .execute(writer)
                    .await?;
                Ok(())
            })
            .await
    }

    /// Does nothing when there is none.
    pub async fn delete_setting(&self, key: &str) -> Result<(), StoreError> {
        self.inner
            .write(async |writer| {
                sqlx::query("DELETE FROM settings WHERE key = ?")
                    .bind(key)
                    .execute(writer)
                    .await?;
                Ok(())
            })
            .await
    }
}
