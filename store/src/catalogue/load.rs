//! Reading the catalogue back from the database when it is opened.

use std::collections::HashMap;
use std::sync::Arc;

use brokerscope_contract::{CheckId, ConnectionId, EntityId, Timestamp};
use futures_util::TryStreamExt;
use sqlx::SqlitePool;

use super::connection::{Edge, description_hash};
use super::{Catalogue, Connection, Known, Shared};
use crate::visits::{Ids, answer_hash};
use crate::{StoreError, entities, samples, words};

/// Everything that is kept in memory, and the last ids given out.
pub(crate) async fn load(pool: &SqlitePool) -> Result<(Catalogue, Ids), StoreError> {
    let ids: Vec<(i64,)> = sqlx::query_as("SELECT id FROM connections ORDER BY id")
        .fetch_all(pool)
        .await?;
    let mut connections = HashMap::new();
    for (id,) in ids {
        connections.insert(id, load_connection(pool, ConnectionId(id)).await?);
    }
    replay_ticks(pool, &mut connections).await?;
    let mut catalogue = Catalogue::default();
    for (id, mut connection) in connections {
        connection.see_samples();
        catalogue
            .connections
            .insert(ConnectionId(id), Arc::new(Shared::new(connection)));
    }
    Ok((catalogue, last_ids(pool).await?))
}

async fn load_connection(pool: &SqlitePool, id: ConnectionId) -> Result<Connection, StoreError> {
    let mut connection = Connection::new(id);
    let progress: Option<(i64, i64, Option<i64>)> =
        sqlx::query_as("SELECT revision, visited_at, answered_at FROM progress WHERE connection = ?")
            .bind(id.0)
            .fetch_optional(pool)
            .await?;
    if let Some((revision, visited_at, answered_at)) = progress {
        connection.revision = revision as u64;
        connection.visited_at = Some(Timestamp(visited_at));
        connection.answered_at = answered_at.map(Timestamp);
    }
    let answer: Option<(String, String)> = sqlx::query_as("SELECT server, warnings FROM answers WHERE connection = ?")
        .bind(id.0)
        .fetch_optional(pool)
        .await?;
    connection.answer = answer.map_or(0, |(server, warnings)| answer_hash(&server, &warnings));
    load_entities(pool, &mut connection).await?;
    load_links(pool, &mut connection).await?;
    load_checks(pool, &mut connection).await?;
    load_lanes(pool, &mut connection).await?;
    Ok(connection)
}

async fn load_entities(pool: &SqlitePool, connection: &mut Connection) -> Result<(), StoreError> {
    for entity in entities::read(pool, connection.id).await? {
        let known = Known {
            key: Arc::new(entity.key),
            description: description_hash(
                entity.parent,
                entity.internal,
                &entity.attributes,
                entity.stands_for.as_ref(),
            ),
            deleted_at: entity.deleted_at,
            last_seen: entity.last_seen,
            stored_last_seen: entity.last_seen,
            series: Vec::new(),
        };
        connection.add_entity(entity.id, known);
    }
    Ok(())
}

async fn load_links(pool: &SqlitePool, connection: &mut Connection) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64, i64, String, Option<String>, String)> =
        sqlx::query_as("SELECT id, from_entity, to_entity, kind, label, evidence FROM links WHERE connection = ?")
            .bind(connection.id.0)
            .fetch_all(pool)
            .await?;
    for (id, from, to, kind, label, evidence) in rows {
        let edge = Edge {
            from: EntityId(from),
            to: EntityId(to),
            kind: words::named(kind)?,
            label,
            evidence: words::named(evidence)?,
        };
        connection.links.insert(edge, id);
    }
    Ok(())
}

async fn load_checks(pool: &SqlitePool, connection: &mut Connection) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
        "SELECT entity, name, status, since FROM checks JOIN entities ON entities.id = entity WHERE connection = ?",
    )
    .bind(connection.id.0)
    .fetch_all(pool)
    .await?;
    for (entity, name, status, since) in rows {
        let key = (EntityId(entity), CheckId(name));
        connection.checks.insert(key, (words::named(status)?, Timestamp(since)));
    }
    Ok(())
}

async fn load_lanes(pool: &SqlitePool, connection: &mut Connection) -> Result<(), StoreError> {
    // Two steps into the index for each lane, instead of a walk over a year of rows.
    let rolled: Vec<(i64, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT id, (SELECT max(to_at) FROM rollups WHERE lane = lanes.id AND tier = 0),
                (SELECT max(to_at) FROM rollups WHERE lane = lanes.id AND tier = 1)
         FROM lanes WHERE connection = ?",
    )
    .bind(connection.id.0)
    .fetch_all(pool)
    .await?;
    let mut rolled: HashMap<i64, [Option<i64>; 2]> = rolled
        .into_iter()
        .map(|(lane, fine, coarse)| (lane, [fine, coarse]))
        .collect();
    for mut lane in samples::lanes_of(pool, connection.id).await? {
        lane.rolled = rolled.remove(&lane.id).unwrap_or_default();
        connection.add_lane(lane);
    }
    connection.settle_slots();
    Ok(())
}

/// Brings what is not sealed yet back into the heads.
async fn replay_ticks(pool: &SqlitePool, connections: &mut HashMap<i64, Connection>) -> Result<(), StoreError> {
    let mut ticks = sqlx::query_as("SELECT id, connection, at, data FROM ticks ORDER BY id").fetch(pool);
    while let Some((id, connection, at, data)) = ticks.try_next().await? {
        let (id, connection, at, data): (i64, i64, i64, Vec<u8>) = (id, connection, at, data);
        if let Some(connection) = connections.get_mut(&connection) {
            connection.replay(id, Timestamp(at), &data)?;
        }
    }
    Ok(())
}

async fn last_ids(pool: &SqlitePool) -> Result<Ids, StoreError> {
    // What AUTOINCREMENT remembers: the greatest id ever, also when its row is gone.
    let sequences: Vec<(String, i64)> = sqlx::query_as("SELECT name, seq FROM sqlite_sequence")
        .fetch_all(pool)
        .await?;
    let sequence = |table| {
        sequences
            .iter()
            .find(|(name, _)| name == table)
            .map_or(0, |(_, last)| *last)
    };
    let (tick,): (i64,) = sqlx::query_as(
        "SELECT max(coalesce((SELECT max(id) FROM ticks), 0), coalesce((SELECT max(sealed_tick) FROM lanes), 0))",
    )
    .fetch_one(pool)
    .await?;
    Ok(Ids {
        entity: sequence("entities"),
        lane: sequence("lanes"),
        tick,
    })
}

impl Connection {
    /// Ties the slots of the lanes and the entities in them together.
    fn settle_slots(&mut self) {
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            for (number, slot) in lane.slots.iter_mut().enumerate() {
                let Some(entity) = slot.entity else { continue };
                let Some(known) = self.known.get_mut(&entity) else {
                    continue;
                };
                slot.live = known.deleted_at.is_none();
                if let Some(metric) = lane.metric {
                    known.series.push((
                        metric,
                        super::Place {
                            lane: index,
                            slot: number,
                        },
                    ));
                }
            }
        }
    }

    /// Who was measured was seen: `last_seen` is not written with every visit.
    fn see_samples(&mut self) {
        for slot in self.lanes.iter().flat_map(|lane| &lane.slots) {
            let (Some(entity), Some((at, _))) = (slot.entity, slot.last) else {
                continue;
            };
            if let Some(known) = self.known.get_mut(&entity) {
                known.last_seen = known.last_seen.max(Timestamp(at));
            }
        }
    }
}
