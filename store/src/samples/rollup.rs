//! Rollups: samples summed up in longer steps, for ranges too long to read every sample.

use std::sync::Arc;

use brokerscope_contract::{EntityId, Timestamp};
use sqlx::Connection as _;

use super::codec::Corrupt;
use super::codec::block::{self, Block, Part};
use super::history::LaneReader;
use super::lane::Rows;
use super::line::{Cell, Steps};
use super::rate::Counter;
use super::spacing;
use crate::StoreError;
use crate::catalogue::SharedConnection;
use crate::store::Inner;

/// One length of steps, in milliseconds.
pub(crate) struct Tier {
    pub step: i64,
    /// How much time one row holds: some 300 steps, enough for good compression.
    row: i64,
}

/// The first is made from samples, each other from the one before it.
pub(crate) const TIERS: [Tier; 2] = [
    Tier {
        step: 5 * 60_000,
        row: 24 * 3_600_000,
    },
    Tier {
        step: 3_600_000,
        row: 16 * 24 * 3_600_000,
    },
];

/// Samples this far outside of a row's time belong to spans of counters that reach into it.
const LEAD: i64 = 15 * 60_000;

/// A row is not written before this long after its end: what is told late by then is in it.
const LATENESS: i64 = 30 * 60_000;

/// Columns of a part: weight, sum, least, greatest.
const COLUMNS: usize = 4;

/// The block of the cells of several entities over the same steps. Empty cells are left out.
fn encode(start: i64, step: i64, entities: &[(EntityId, Vec<Cell>)]) -> Option<Vec<u8>> {
    let steps = entities.iter().map(|(_, cells)| cells.len()).max()?;
    let times: Vec<i64> = (0..steps as i64).map(|index| start + index * step).collect();
    let mut parts = Vec::with_capacity(entities.len());
    for (entity, cells) in entities {
        let mut part = Part {
            at: Vec::new(),
            columns: vec![Vec::new(); COLUMNS],
        };
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.weight > 0.0) {
            part.at.push(at as u32);
            for (column, value) in part.columns.iter_mut().zip([cell.weight, cell.sum, cell.min, cell.max]) {
                column.push(value);
            }
        }
        parts.push((*entity, part));
    }
    parts
        .iter()
        .any(|(_, part)| !part.at.is_empty())
        .then(|| block::encode(&times, &parts))
}

/// The entity's cells with the beginning of each.
pub(crate) fn decode(block: &Block, entity: EntityId) -> Result<Vec<(i64, Cell)>, Corrupt> {
    let Some(part) = block.part(entity, COLUMNS)? else {
        return Ok(Vec::new());
    };
    let [weight, sum, min, max] = &part.columns[..] else {
        return Err(Corrupt("rollup"));
    };
    let cells = part.at.iter().enumerate().map(|(index, at)| {
        let cell = Cell {
            weight: weight[index],
            sum: sum[index],
            min: min[index],
            max: max[index],
        };
        (block.times[*at as usize], cell)
    });
    Ok(cells.collect())
}

/// Writes the rollups that have become possible: those of a whole row whose time is over and sealed.
/// Returns how many rows were written.
pub(crate) async fn roll_up(inner: &Arc<Inner>, now: Timestamp) -> Result<u64, StoreError> {
    let mut written = 0;
    let connections = inner.catalogue.read().all();
    for connection in connections {
        let lanes = connection.read().lanes.len();
        for tier in 0..TIERS.len() {
            for lane in 0..lanes {
                while let Some(start) = due(inner, &connection, lane, tier, now).await? {
                    written += roll_up_row(inner, &connection, lane, tier, start).await?;
                }
            }
        }
    }
    Ok(written)
}

/// The beginning of the next row to write; `None` when it is not over yet, or there is nothing in it or after it.
async fn due(
    inner: &Inner,
    connection: &SharedConnection,
    lane: usize,
    tier: usize,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let (id, rolled, limit) = {
        let connection = connection.read();
        let Some(lane) = connection.lanes.get(lane) else {
            return Ok(None);
        };
        let limit = match tier {
            // Only what is sealed, or the row would lack its end.
            0 => lane
                .unsealed()
                .filter_map(Rows::earliest)
                .min()
                .unwrap_or(i64::MAX)
                .min(now.0 - LATENESS),
            _ => lane.rolled[tier - 1].unwrap_or(0),
        };
        if limit < lane.due_from[tier] {
            return Ok(None);
        }
        (lane.id, lane.rolled[tier], limit)
    };
    let row = TIERS[tier].row;
    if rolled.is_some_and(|rolled| rolled + row > limit) {
        return Ok(None);
    }
    // Blocks overlap where a past was told, so the first one need not be the one that ends first.
    let (first,): (Option<i64>,) = match tier {
        0 => sqlx::query_as("SELECT min(from_at) FROM blocks WHERE lane = ? AND to_at >= ?"),
        _ => sqlx::query_as("SELECT min(from_at) FROM rollups WHERE lane = ? AND tier = 0 AND to_at > ?"),
    }
    .bind(id)
    .bind(rolled.unwrap_or(0))
    .fetch_one(&inner.readers)
    .await?;
    let start = first.map(|first| spacing::floor(first, row).max(rolled.unwrap_or(0)));
    if let Some(lane) = connection.write().lanes.get_mut(lane) {
        lane.due_from[tier] = start.map_or(i64::MAX, |start| start + row);
    }
    Ok(start.filter(|start| start + row <= limit))
}

async fn roll_up_row(
    inner: &Arc<Inner>,
    connection: &SharedConnection,
    lane: usize,
    tier: usize,
    start: i64,
) -> Result<u64, StoreError> {
    let Tier { step, row } = TIERS[tier];
    let (id, metric, wanted) = {
        let connection = connection.read();
        let Some(lane) = connection.lanes.get(lane) else {
            return Ok(0);
        };
        let slots = lane.slots.iter().enumerate();
        let wanted: Vec<_> = slots
            .filter_map(|(slot, content)| Some((slot, content.entity?)))
            .collect();
        (lane.id, lane.metric, wanted)
    };
    let counter = metric.and_then(|metric| Counter::of(metric.def()));
    let entities: Vec<EntityId> = wanted.iter().map(|(_, entity)| *entity).collect();
    let reader = LaneReader::new(connection, lane, wanted);
    let end = start + row;
    let fill: Box<dyn FnOnce() -> Vec<Steps> + Send> = match tier {
        0 => {
            let points = reader.points(&inner.readers, start - LEAD, end + LEAD).await?;
            Box::new(move || {
                points
                    .iter()
                    .map(|points| of_points(points, counter, start, end, step))
                    .collect()
            })
        }
        _ => {
            let summaries = reader.summaries(&inner.readers, tier - 1, start, end).await?;
            Box::new(move || {
                summaries
                    .iter()
                    .map(|cells| of_cells(cells, start, end, step))
                    .collect()
            })
        }
    };
    let encoding = tokio::task::spawn_blocking(move || {
        let cells = fill().into_iter().map(|steps| steps.cells);
        encode(start, step, &entities.into_iter().zip(cells).collect::<Vec<_>>())
    });
    let data = encoding.await.map_err(|_| StoreError::Closed)?;
    let rows = u64::from(data.is_some());
    let (inner, connection) = (inner.clone(), connection.clone());
    let writing = tokio::spawn(async move {
        let mut writer = inner.writer().await?;
        if let Some(data) = data {
            let mut tx = writer.begin().await?;
            sqlx::query("INSERT INTO rollups (lane, tier, from_at, to_at, data) VALUES (?, ?, ?, ?, ?)")
                .bind(id)
                .bind(tier as i64)
                .bind(start)
                .bind(end)
                .bind(data)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        if let Some(lane) = connection.write().lanes.get_mut(lane) {
            lane.rolled[tier] = Some(end);
            // The next tier has something new to sum up.
            if let Some(due_from) = lane.due_from.get_mut(tier + 1) {
                *due_from = i64::MIN;
            }
        }
        Ok(rows)
    });
    writing.await.unwrap_or(Err(StoreError::Closed))
}

fn of_points(points: &[(i64, f64)], counter: Option<Counter>, start: i64, end: i64, step: i64) -> Steps {
    let mut steps = Steps::covering(start, end - 1, step);
    steps.add_points(points, counter, start);
    steps
}

fn of_cells(cells: &[(i64, Cell)], start: i64, end: i64, step: i64) -> Steps {
    let mut steps = Steps::covering(start, end - 1, step);
    for (at, cell) in cells {
        steps.add_summary(*at, cell);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_empty_ones_do_not() {
        let cell = |sum| Cell {
            weight: 2.0,
            sum,
            min: 0.5,
            max: sum,
        };
        let cells = vec![cell(3.0), Cell::default(), cell(9.0)];
        let data = encode(600_000, 300_000, &[(EntityId(5), cells)]).unwrap();
        let block = Block::parse(&data).unwrap();
        assert_eq!(
            decode(&block, EntityId(5)).unwrap(),
            [(600_000, cell(3.0)), (1_200_000, cell(9.0))]
        );
        assert_eq!(decode(&block, EntityId(6)).unwrap(), []);
        assert_eq!(encode(0, 300_000, &[(EntityId(5), vec![Cell::default()])]), None);
    }

    #[test]
    fn hours_made_of_five_minutes_are_hours_made_of_samples() {
        let counter: Vec<_> = (0..1440).map(|n: i64| (n * 5_000, (n * n) as f64)).collect();
        for kind in [None, Some(Counter::Count)] {
            let fine = of_points(&counter, kind, 0, 7_200_000, 300_000);
            let fine: Vec<_> = (0..).map(|n| n * 300_000).zip(fine.cells).collect();
            let from_fine = of_cells(&fine, 0, 7_200_000, 3_600_000);
            let from_points = of_points(&counter, kind, 0, 7_200_000, 3_600_000);
            for (a, b) in from_fine.cells.iter().zip(&from_points.cells) {
                assert!(
                    (a.sum - b.sum).abs() < 1e-3 && (a.weight - b.weight).abs() < 1e-6,
                    "{a:?} {b:?}"
                );
                assert_eq!((a.min, a.max), (b.min, b.max));
            }
        }
    }
}
