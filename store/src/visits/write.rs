//! Carrying out what a visit changes: one transaction, then the same in memory.

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{ConnectionId, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Sqlite, SqliteConnection};

use super::Written;
use super::plan::{Answer, Plan};
use crate::catalogue::SharedConnection;
use crate::store::Inner;
use crate::{StoreError, checks, entities, links, samples, words};

impl Inner {
    pub(super) async fn carry_out(
        &self,
        mut writer: PoolConnection<Sqlite>,
        state: &SharedConnection,
        plan: Plan,
        first_tick: i64,
        beat: &Beat,
    ) -> Result<Written, StoreError> {
        let (id, revision, lanes) = {
            let state = state.read();
            (
                state.id,
                state.revision + 1,
                samples::changed_lanes(&state, &plan.new_lanes, &plan.occupied),
            )
        };
        let outcome = async {
            let mut tx = writer.begin().await?;
            entities::write(&mut tx, id, &plan).await?;
            samples::write_lanes(&mut tx, id, &lanes).await?;
            for (tick, id_of_tick) in plan.ticks.iter().zip(first_tick..) {
                samples::write_tick(&mut tx, id_of_tick, id, tick.at, &tick.data).await?;
            }
            let edges = match &plan.links {
                Some(changes) => links::write(&mut tx, id, changes).await?,
                None => Vec::new(),
            };
            checks::write(&mut tx, plan.at, &plan.checks).await?;
            if let Some(answer) = &plan.answer {
                write_answer(&mut tx, id, answer).await?;
            }
            write_beat(&mut tx, id, plan.answered, beat).await?;
            write_progress(&mut tx, id, revision, &plan).await?;
            tx.commit().await?;
            Ok(edges)
        }
        .await;
        let edges = self.note(outcome)?;
        let written = {
            let mut state = state.write();
            state.revision = revision;
            state.apply(plan, first_tick, edges)?
        };
        drop(writer);
        self.seal_when_due(id, &state.read());
        Ok(written)
    }
}

/// A second visit at the very same millisecond replaces the first: a clock that stands still has nothing to add.
async fn write_beat(
    tx: &mut SqliteConnection,
    connection: ConnectionId,
    answered: bool,
    beat: &Beat,
) -> Result<(), StoreError> {
    let Beat {
        at: Timestamp(at),
        status,
        text,
    } = beat;
    sqlx::query("INSERT OR REPLACE INTO visits (connection, at, answered, status, text) VALUES (?, ?, ?, ?, ?)")
        .bind(connection.0)
        .bind(at)
        .bind(answered)
        .bind(words::name(status)?)
        .bind(text)
        .execute(tx)
        .await?;
    Ok(())
}

async fn write_progress(
    tx: &mut SqliteConnection,
    connection: ConnectionId,
    revision: u64,
    plan: &Plan,
) -> Result<(), StoreError> {
    let cost = plan.answered.then(|| words::json(&plan.cost)).transpose()?;
    sqlx::query(
        "INSERT INTO progress (connection, revision, visited_at, answered_at, cost) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (connection) DO UPDATE SET revision = excluded.revision, visited_at = excluded.visited_at,
         answered_at = coalesce(excluded.answered_at, answered_at), cost = coalesce(excluded.cost, cost)",
    )
    .bind(connection.0)
    .bind(revision as i64)
    .bind(plan.at.0)
    .bind(plan.answered.then_some(plan.at.0))
    .bind(cost)
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_answer(tx: &mut SqliteConnection, connection: ConnectionId, answer: &Answer) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO answers (connection, server, warnings) VALUES (?, ?, ?)")
        .bind(connection.0)
        .bind(&answer.server)
        .bind(&answer.warnings)
        .execute(tx)
        .await?;
    Ok(())
}
