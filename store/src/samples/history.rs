//! The past of some series of one lane: its blocks, its rollups and what is in memory.

use brokerscope_contract::api::series::Line;
use brokerscope_contract::{Absence, EntityId, MetricId, Timestamp};
use sqlx::SqlitePool;

use super::codec::block::Block;
use super::codec::row::WIDTH;
use super::lane::Rows;
use super::line::{self, Cell, Steps};
use super::past;
use super::rate::Counter;
use super::rollup::{self, TIERS};
use super::spacing;
use crate::StoreError;
use crate::catalogue::SharedConnection;

/// Points this far outside of a range still tell something about its ends. Milliseconds.
const LEAD: i64 = 5 * 60_000;

type Points = Vec<(i64, f64)>;

/// What is asked: a range in milliseconds, and how many steps at most.
pub(crate) struct Lines {
    pub from: i64,
    pub to: i64,
    pub max: usize,
}

impl Lines {
    pub fn step(&self, least: i64) -> i64 {
        line::step(self.from, self.to, self.max, least)
    }
}

/// A lane as it was at one moment, so that what is sealed meanwhile is neither missed nor read twice.
pub(crate) struct LaneReader {
    id: i64,
    /// Slot and entity of each series that is wanted.
    wanted: Vec<(usize, EntityId)>,
    unsealed: Vec<Rows>,
    sealed_tick: i64,
    /// Up to where each tier of rollups goes.
    rolled: [Option<i64>; 2],
    /// What may be told anew is put in order by what the metric is.
    counter: Option<Counter>,
}

impl LaneReader {
    pub fn new(connection: &SharedConnection, lane: usize, wanted: Vec<(usize, EntityId)>) -> LaneReader {
        let connection = connection.read();
        let lane = connection.lanes.get(lane);
        LaneReader {
            id: lane.map_or(0, |lane| lane.id),
            wanted,
            // Copied, not decoded, while visits wait: some 40 KB.
            unsealed: lane.map_or(Vec::new(), |lane| lane.unsealed().cloned().collect()),
            sealed_tick: lane.map_or(0, |lane| lane.sealed_tick),
            rolled: lane.map_or([None; 2], |lane| lane.rolled),
            counter: lane.and_then(|lane| Counter::of(lane.metric?.def())),
        }
    }

    /// For each series its points in `from..=to`; see [`past::settle`] for their order.
    pub async fn points(&self, readers: &SqlitePool, from: i64, to: i64) -> Result<Vec<Points>, StoreError> {
        let blocks: Vec<(Vec<u8>,)> = sqlx::query_as(
            "SELECT data FROM blocks WHERE lane = ? AND to_at >= ? AND from_at <= ? AND last_tick <= ? ORDER BY id",
        )
        .bind(self.id)
        .bind(from)
        .bind(to)
        .bind(self.sealed_tick)
        .fetch_all(readers)
        .await?;
        let mut points = vec![Points::new(); self.wanted.len()];
        let inside = |(at, _): &(i64, f64)| (from..=to).contains(at);
        for (data,) in &blocks {
            let block = Block::parse(data)?;
            for ((_, entity), points) in self.wanted.iter().zip(&mut points) {
                points.extend(block.points(*entity)?.into_iter().filter(inside));
            }
        }
        // A series may be wanted twice, so a slot may stand for several.
        let mut by_slot = vec![Vec::new(); WIDTH];
        for (index, (slot, _)) in self.wanted.iter().enumerate() {
            by_slot[*slot].push(index);
        }
        for rows in &self.unsealed {
            rows.each(|at, slot, value| {
                let point = (rows.times[at], value);
                for index in by_slot[slot].iter().filter(|_| inside(&point)) {
                    points[*index].push(point);
                }
            })?;
        }
        points.iter_mut().for_each(|points| past::settle(points, self.counter));
        Ok(points)
    }

    /// For each series its steps of a rollup that begin in `from..to`, with the time of each.
    pub async fn summaries(
        &self,
        readers: &SqlitePool,
        tier: usize,
        from: i64,
        to: i64,
    ) -> Result<Vec<Vec<(i64, Cell)>>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "SELECT data FROM rollups WHERE lane = ? AND tier = ? AND to_at > ? AND from_at < ? ORDER BY to_at",
        )
        .bind(self.id)
        .bind(tier as i64)
        .bind(from)
        .bind(to)
        .fetch_all(readers)
        .await?;
        let mut summaries = vec![Vec::new(); self.wanted.len()];
        for (data,) in &rows {
            let block = Block::parse(data)?;
            for ((_, entity), summaries) in self.wanted.iter().zip(&mut summaries) {
                let cells = rollup::decode(&block, *entity)?;
                summaries.extend(cells.into_iter().filter(|(at, _)| (from..to).contains(at)));
            }
        }
        Ok(summaries)
    }

    /// Whether the samples of this time were deleted while their rollups are still there.
    async fn is_only_rolled_up(&self, readers: &SqlitePool, at: i64) -> Result<bool, StoreError> {
        let oldest = sqlx::query_as(
            "SELECT (SELECT to_at FROM rollups WHERE lane = ?1 AND tier = 0 ORDER BY to_at LIMIT 1),
                    (SELECT from_at FROM blocks WHERE lane = ?1 ORDER BY to_at LIMIT 1)",
        );
        let (rollup_end, block): (Option<i64>, Option<i64>) = oldest.bind(self.id).fetch_one(readers).await?;
        // While no sample has been deleted, the first one is in the first rollup.
        let is_before = |end| block.is_none_or(|block| end <= block && at < block - LEAD);
        Ok(rollup_end.is_some_and(is_before))
    }
}

/// What is known of one series over a range.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Where the points take over from the rollups.
    since: i64,
    summaries: Vec<(i64, Cell)>,
    points: Points,
    /// No step may be shorter than this.
    least_step: i64,
}

/// Reads as much detail as the steps can show: points, or rollups as far as they go and points from there on.
pub(crate) async fn read(
    reader: &LaneReader,
    readers: &SqlitePool,
    wanted: &Lines,
) -> Result<Vec<History>, StoreError> {
    let mut step = wanted.step(0);
    let fine = TIERS[0].step;
    if step < fine && reader.rolled[0].is_some_and(|rolled| wanted.from < rolled) {
        // Zoomed into a past of which only rollups are left?
        let only_rollups = reader.is_only_rolled_up(readers, wanted.from).await?;
        step = if only_rollups { fine } else { step };
    }
    let mut histories: Vec<History> = Vec::new();
    histories.resize_with(reader.wanted.len(), History::default);
    let (first, end) = (spacing::floor(wanted.from, step), wanted.to.saturating_add(1));
    let mut since = first;
    for (tier, rolled) in reader.rolled.iter().enumerate().rev() {
        let Some(rolled) = rolled.filter(|rolled| step >= TIERS[tier].step && *rolled > since) else {
            continue;
        };
        let until = rolled.min(end);
        for (history, cells) in histories
            .iter_mut()
            .zip(reader.summaries(readers, tier, since, until).await?)
        {
            history.summaries.extend(cells);
        }
        since = until;
    }
    let points = reader
        .points(readers, since - LEAD, wanted.to.saturating_add(LEAD))
        .await?;
    for (history, points) in histories.iter_mut().zip(points) {
        history.least_step = match history.summaries.is_empty() && step < fine {
            true => line::least_step(spacing::usual(&points)),
            false => step,
        };
        history.since = since;
        history.points = points;
    }
    Ok(histories)
}

impl History {
    pub fn line(&self, entity: EntityId, metric: MetricId, wanted: &Lines) -> Line {
        let def = metric.def();
        let counter = Counter::of(def);
        let mut steps = Steps::covering(wanted.from, wanted.to, wanted.step(self.least_step));
        let (mut known, half) = (Vec::new(), TIERS[0].step / 2);
        for (at, cell) in &self.summaries {
            steps.add_summary(*at, cell);
            known.extend(cell.mean().map(|mean| (at + half, mean)));
        }
        steps.add_points(&self.points, counter, self.since);
        known.extend(self.points.iter().filter(|(at, _)| *at >= self.since));
        let values = steps.means(if counter.is_some() { &[] } else { &known });
        let (min, max) = steps.extremes();
        Line {
            entity,
            metric,
            unit: def.unit,
            per_second: counter.is_some(),
            start: Timestamp(steps.start),
            step_millis: steps.step,
            absent: values.iter().all(Option::is_none).then_some(Absence::NoData),
            values,
            min,
            max,
        }
    }
}
