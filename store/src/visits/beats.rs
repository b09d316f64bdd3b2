//! Reading the heartbeat and what is known about a connection as a whole.

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{ConnectionId, Cost, Timestamp};

use super::LastAnswer;
use crate::{Store, StoreError, words};

impl Store {
    /// What is known about the connection as a whole; the default when it was never visited.
    pub async fn last_answer(&self, connection: ConnectionId) -> Result<LastAnswer, StoreError> {
        type Row = (i64, i64, Option<i64>, Option<String>, Option<String>, Option<String>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT revision, visited_at, answered_at, cost, server, warnings
             FROM progress LEFT JOIN answers USING (connection) WHERE connection = ?",
        )
        .bind(connection.0)
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some((revision, visited_at, answered_at, cost, server, warnings)) = row else {
            return Ok(LastAnswer::default());
        };
        Ok(LastAnswer {
            visited_at: Some(Timestamp(visited_at)),
            answered_at: answered_at.map(Timestamp),
            server: server.map_or(Ok(Default::default()), |text| words::from_json(&text))?,
            warnings: warnings.map_or(Ok(Vec::new()), |text| words::from_json(&text))?,
            cost: cost.map_or(Ok(Cost::default()), |text| words::from_json(&text))?,
            revision: revision as u64,
        })
    }

    /// The newest `n` visits, oldest first.
    pub async fn beats(&self, connection: ConnectionId, n: usize) -> Result<Vec<Beat>, StoreError> {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT at, status, text FROM visits WHERE connection = ? ORDER BY at DESC LIMIT ?")
                .bind(connection.0)
                .bind(i64::try_from(n).unwrap_or(i64::MAX))
                .fetch_all(&self.inner.readers)
                .await?;
        rows.into_iter()
            .rev()
            .map(|(at, status, text)| {
                Ok(Beat {
                    at: Timestamp(at),
                    status: words::named(status)?,
                    text,
                })
            })
            .collect()
    }

    /// The share of visits since then that got an answer, 0 to 1; `None` when there was no visit.
    pub async fn uptime(&self, connection: ConnectionId, since: Timestamp) -> Result<Option<f64>, StoreError> {
        let (visits, answered): (i64, i64) =
            sqlx::query_as("SELECT count(*), coalesce(sum(answered), 0) FROM visits WHERE connection = ? AND at >= ?")
                .bind(connection.0)
                .bind(since.0)
                .fetch_one(&self.inner.readers)
                .await?;
        Ok((visits > 0).then(|| answered as f64 / visits as f64))
    }
}
