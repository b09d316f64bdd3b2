//! Health checks: the present state of each, and the changes of its status.

use brokerscope_contract::{CheckId, CheckResult, ConnectionId, EntityId, Status, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};

use crate::rows::PER_STATEMENT;
use crate::visits::PlannedCheck;
use crate::{Store, StoreError, words};

#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheck {
    pub entity: EntityId,
    pub result: CheckResult,
    /// Since when it has this status.
    pub since: Timestamp,
    pub checked_at: Timestamp,
}

/// A check took a new status.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckChanged {
    pub entity: EntityId,
    pub check: CheckId,
    pub at: Timestamp,
    pub status: Status,
    pub text: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    entity: i64,
    name: String,
    status: String,
    text: String,
    absent: Option<String>,
    since: i64,
    checked_at: i64,
}

impl Store {
    /// The present state of every check on entities that exist.
    pub async fn checks(&self, connection: ConnectionId) -> Result<Vec<StoredCheck>, StoreError> {
        let state = self.inner.catalogue.read().connection(connection)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT entity, name, status, text, absent, since, checked_at
             FROM checks JOIN entities ON entities.id = checks.entity
             WHERE entities.connection = ? AND entities.deleted_at IS NULL ORDER BY entity, name",
        )
        .bind(connection.0)
        .fetch_all(&self.inner.readers)
        .await?;
        let state = state.read();
        let mut checks = Vec::with_capacity(rows.len());
        for row in rows {
            let entity = EntityId(row.entity);
            let Some(known) = state.known.get(&entity) else {
                continue;
            };
            checks.push(StoredCheck {
                entity,
                result: CheckResult {
                    entity: (*known.key).clone(),
                    check: CheckId(row.name),
                    status: words::named(row.status)?,
                    text: row.text,
                    absent: row.absent.map(words::named).transpose()?,
                },
                since: Timestamp(row.since),
                checked_at: Timestamp(row.checked_at),
            });
        }
        Ok(checks)
    }

    /// Changes of status, newest first; the present state of a check is its newest change.
    pub async fn check_history(&self, connection: ConnectionId, limit: usize) -> Result<Vec<CheckChanged>, StoreError> {
        let rows: Vec<(i64, String, i64, String, String)> = sqlx::query_as(
            "SELECT entity, name, at, status, text FROM check_changes JOIN entities ON entities.id = entity
             WHERE connection = ? ORDER BY check_changes.id DESC LIMIT ?",
        )
        .bind(connection.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.inner.readers)
        .await?;
        rows.into_iter()
            .map(|(entity, name, at, status, text)| {
                Ok(CheckChanged {
                    entity: EntityId(entity),
                    check: CheckId(name),
                    at: Timestamp(at),
                    status: words::named(status)?,
                    text,
                })
            })
            .collect()
    }
}

/// Replaces the state of the checks that a visit made and adds the changes of status to the history.
pub(crate) async fn write(tx: &mut SqliteConnection, at: Timestamp, checks: &[PlannedCheck]) -> Result<(), StoreError> {
    for checks in checks.chunks(PER_STATEMENT) {
        let mut tuples = Vec::with_capacity(checks.len());
        for check in checks {
            let absent = check.result.absent.as_ref().map(words::name).transpose()?;
            tuples.push((check, words::name(&check.result.status)?, absent));
        }
        let mut query =
            QueryBuilder::new("INSERT INTO checks (entity, name, status, text, absent, since, checked_at) ");
        query.push_values(tuples, |mut tuple, (check, status, absent)| {
            tuple
                .push_bind(check.entity.0)
                .push_bind(check.result.check.0.clone())
                .push_bind(status);
            tuple.push_bind(check.result.text.clone()).push_bind(absent);
            tuple.push_bind(check.since.0).push_bind(at.0);
        });
        query.push(
            " ON CONFLICT (entity, name) DO UPDATE SET status = excluded.status, text = excluded.text,
             absent = excluded.absent, since = excluded.since, checked_at = excluded.checked_at",
        );
        query.build().persistent(false).execute(&mut *tx).await?;
    }
    for check in checks.iter().filter(|check| check.changed) {
        sqlx::query("INSERT INTO check_changes (entity, name, at, status, text) VALUES (?, ?, ?, ?, ?)")
            .bind(check.entity.0)
            .bind(&check.result.check.0)
            .bind(at.0)
            .bind(words::name(&check.result.status)?)
            .bind(&check.result.text)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
