//! Lanes and ticks as rows of the database.

use std::collections::BTreeMap;

use brokerscope_contract::{ConnectionId, EntityId, MetricId, Timestamp};
use sqlx::{SqliteConnection, SqliteExecutor};

use super::codec::{Corrupt, varint};
use super::lane::{Lane, Slot};
use crate::StoreError;
use crate::catalogue::{Connection, Place};

/// A lane that a visit adds or in which it occupies slots.
pub(crate) struct ChangedLane {
    id: i64,
    /// Set for a new one.
    metric: Option<MetricId>,
    entities: Vec<u8>,
}

/// The rows of lanes that change when these lanes are added and these slots are occupied.
pub(crate) fn changed_lanes(
    connection: &Connection,
    new: &[(i64, MetricId)],
    occupied: &[(Place, EntityId)],
) -> Vec<ChangedLane> {
    let mut slots: BTreeMap<usize, Vec<Option<EntityId>>> = BTreeMap::new();
    for (place, entity) in occupied {
        let slots = slots.entry(place.lane).or_insert_with(|| {
            let lane = connection.lanes.get(place.lane);
            lane.map_or(Vec::new(), |lane| lane.slots.iter().map(|slot| slot.entity).collect())
        });
        if slots.len() <= place.slot {
            slots.resize(place.slot + 1, None);
        }
        slots[place.slot] = Some(*entity);
    }
    let old = connection.lanes.len();
    let change = |(index, slots): (usize, Vec<Option<EntityId>>)| match index.checked_sub(old) {
        Some(added) => {
            let (id, metric) = *new.get(added)?;
            Some(ChangedLane {
                id,
                metric: Some(metric),
                entities: encode_entities(slots),
            })
        }
        None => Some(ChangedLane {
            id: connection.lanes[index].id,
            metric: None,
            entities: encode_entities(slots),
        }),
    };
    slots.into_iter().filter_map(change).collect()
}

fn encode_entities(slots: impl IntoIterator<Item = Option<EntityId>>) -> Vec<u8> {
    slots
        .into_iter()
        .flat_map(|slot| slot.map_or(0, |entity| entity.0).to_le_bytes())
        .collect()
}

/// The last time and value of each slot; a slot without any has the time 0.
pub(crate) fn encode_last(slots: &[Slot]) -> Vec<u8> {
    let lasts = slots.iter().map(|slot| slot.last.unwrap_or((0, 0.0)));
    lasts
        .flat_map(|(at, value)| [at.to_le_bytes(), value.to_le_bytes()].concat())
        .collect()
}

fn decode_slots(mut entities: &[u8], mut last: &[u8]) -> Result<Vec<Slot>, Corrupt> {
    let mut slots = Vec::with_capacity(entities.len() / 8);
    while !entities.is_empty() {
        let entity = varint::take_u64(&mut entities)? as i64;
        let last = match last.is_empty() {
            true => None,
            false => Some((
                varint::take_u64(&mut last)? as i64,
                f64::from_bits(varint::take_u64(&mut last)?),
            )),
        };
        slots.push(Slot {
            entity: (entity != 0).then_some(EntityId(entity)),
            live: false,
            last: last.filter(|(at, _)| *at != 0),
        });
    }
    Ok(slots)
}

pub(crate) async fn write_lanes(
    tx: &mut SqliteConnection,
    connection: ConnectionId,
    lanes: &[ChangedLane],
) -> Result<(), StoreError> {
    for lane in lanes {
        match lane.metric {
            Some(metric) => {
                sqlx::query(
                    "INSERT INTO lanes (id, connection, metric, entities, sealed_tick, last) VALUES (?, ?, ?, ?, 0, ?)",
                )
                .bind(lane.id)
                .bind(connection.0)
                .bind(metric.name())
                .bind(&lane.entities)
                .bind(&[][..])
                .execute(&mut *tx)
                .await?
            }
            None => {
                sqlx::query("UPDATE lanes SET entities = ? WHERE id = ?")
                    .bind(&lane.entities)
                    .bind(lane.id)
                    .execute(&mut *tx)
                    .await?
            }
        };
    }
    Ok(())
}

/// A lane of which slots become free.
pub(crate) struct FreedLane {
    id: i64,
    entities: Vec<u8>,
    last: Vec<u8>,
}

/// The rows of lanes that change when these slots become free.
pub(crate) fn freed_lanes(lanes: &[Lane], freed: &[Place]) -> Vec<FreedLane> {
    let mut by_lane: BTreeMap<usize, Vec<Slot>> = BTreeMap::new();
    for place in freed {
        let Some(lane) = lanes.get(place.lane) else { continue };
        let slots = by_lane.entry(place.lane).or_insert_with(|| lane.slots.clone());
        if let Some(slot) = slots.get_mut(place.slot) {
            *slot = Slot::default();
        }
    }
    let freed = by_lane.into_iter().map(|(lane, slots)| FreedLane {
        id: lanes[lane].id,
        entities: encode_entities(slots.iter().map(|slot| slot.entity)),
        last: encode_last(&slots),
    });
    freed.collect()
}

pub(crate) async fn write_freed(tx: &mut SqliteConnection, lanes: &[FreedLane]) -> Result<(), StoreError> {
    for lane in lanes {
        sqlx::query("UPDATE lanes SET entities = ?, last = ? WHERE id = ?")
            .bind(&lane.entities)
            .bind(&lane.last)
            .bind(lane.id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub(crate) async fn write_tick(
    tx: &mut SqliteConnection,
    id: i64,
    connection: ConnectionId,
    at: Timestamp,
    data: &[u8],
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO ticks (id, connection, at, data) VALUES (?, ?, ?, ?)")
        .bind(id)
        .bind(connection.0)
        .bind(at.0)
        .bind(data)
        .execute(tx)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    metric: String,
    entities: Vec<u8>,
    sealed_tick: i64,
    last: Vec<u8>,
}

/// The lanes of a connection, their slots not yet live.
pub(crate) async fn lanes_of(from: impl SqliteExecutor<'_>, connection: ConnectionId) -> Result<Vec<Lane>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, metric, entities, sealed_tick, last FROM lanes WHERE connection = ? ORDER BY id")
            .bind(connection.0)
            .fetch_all(from)
            .await?;
    let mut lanes = Vec::with_capacity(rows.len());
    for row in rows {
        let mut lane = Lane::new(row.id, MetricId::parse(&row.metric));
        lane.slots = decode_slots(&row.entities, &row.last)?;
        lane.sealed_tick = row.sealed_tick;
        lane.due_from = [i64::MIN; 2];
        lanes.push(lane);
    }
    Ok(lanes)
}
