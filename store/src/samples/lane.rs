//! A lane in memory: up to 32 series of one metric, their last values and what is not yet sealed.

use std::sync::Arc;

use brokerscope_contract::{EntityId, MetricId};

use super::codec::Corrupt;
use super::codec::block::{self, Part};
use super::codec::row::{self, WIDTH};

/// The longest history that a broker tells: a month. Milliseconds.
const LONGEST_PAST: i64 = 31 * 24 * 3_600_000;

/// Samples of a lane as they arrived, one encoded row per tick. About 1.2 bytes a sample on queue-like data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub times: Vec<i64>,
    /// The rows, one after the other; the first is always fresh.
    bytes: Vec<u8>,
    /// The oldest and the newest tick in here.
    first_tick: i64,
    pub last_tick: i64,
    pub samples: u64,
}

/// One series: an entity that has this lane's metric.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Slot {
    /// `None` is free: never used, or its entity was purged.
    pub entity: Option<EntityId>,
    /// Whether the broker still has the entity.
    pub live: bool,
    /// The last time and value; `None` until the first.
    pub last: Option<(i64, f64)>,
}

#[derive(Debug)]
pub(crate) struct Lane {
    pub id: i64,
    /// `None` for a metric that an earlier release had and this one has not: kept, and never read.
    pub metric: Option<MetricId>,
    pub slots: Vec<Slot>,
    /// What came in since the last seal.
    pub head: Rows,
    /// What is being sealed now: still read from here, no longer added to.
    pub frozen: Option<Arc<Rows>>,
    /// The last tick that is in this lane's blocks.
    pub sealed_tick: i64,
    /// Up to where each tier of rollups goes; `None` when there are none.
    pub rolled: [Option<i64>; 2],
    /// What each tier sums up must reach this far before its next row is due. Known from asking the database, which is
    /// not to be asked of every lane every minute; new blocks make it unknown, which is the least there is.
    pub due_from: [i64; 2],
    /// What the next row is encoded against.
    state: [f64; WIDTH],
    /// Set when the next row must not depend on the ones before, because those will be sealed without it.
    fresh: bool,
}

impl Lane {
    pub fn new(id: i64, metric: Option<MetricId>) -> Lane {
        Lane {
            id,
            metric,
            slots: Vec::new(),
            head: Rows::default(),
            frozen: None,
            sealed_tick: 0,
            rolled: [None; 2],
            // There is nothing of it in the database.
            due_from: [i64::MAX; 2],
            state: [0.0; WIDTH],
            fresh: true,
        }
    }

    /// Appends the row that [`Lane::append`] will take, to `out`.
    pub fn encode(&self, out: &mut Vec<u8>, values: &[f64]) {
        row::encode(out, &self.state, values, self.fresh);
    }

    /// Takes one row off the front of `input`: of a tick that has just been stored, or of one read back at the start.
    pub fn append(&mut self, tick: i64, at: i64, input: &mut &[u8]) -> Result<(), Corrupt> {
        let before = *input;
        let (slots, mut samples) = (&mut self.slots, 0);
        row::decode(input, &mut self.state, |slot, value| {
            samples += 1;
            // What is told of the past is not the last value. A step back of more than any past that a broker keeps is
            // a clock that was set right.
            if let Some(slot) = slots.get_mut(slot)
                && slot
                    .last
                    .is_none_or(|(last, _)| !(1..LONGEST_PAST).contains(&(last - at)))
            {
                slot.last = Some((at, value));
            }
        })?;
        self.fresh = false;
        if tick > self.sealed_tick {
            let row = &before[..before.len() - input.len()];
            if self.head.times.is_empty() && !row::is_fresh(row) {
                return Err(Corrupt("tick"));
            }
            self.head.push(tick, at, row, samples);
        }
        Ok(())
    }

    /// Sets the head aside to be sealed, unless an earlier part still waits for that.
    pub fn freeze(&mut self) {
        if self.frozen.is_none() && !self.head.times.is_empty() {
            self.frozen = Some(Arc::new(std::mem::take(&mut self.head)));
            self.fresh = true;
        }
    }

    /// What is not in blocks yet, in the order in which it came in.
    pub fn unsealed(&self) -> impl Iterator<Item = &Rows> {
        self.frozen.as_deref().into_iter().chain([&self.head])
    }

    pub fn pending_samples(&self) -> u64 {
        self.unsealed().map(|rows| rows.samples).sum()
    }

    /// Bytes of memory that the unsealed rows take.
    pub fn pending_bytes(&self) -> usize {
        self.unsealed()
            .map(|rows| rows.bytes.len() + rows.times.len() * 8)
            .sum()
    }
}

impl Rows {
    fn push(&mut self, tick: i64, at: i64, row: &[u8], samples: u64) {
        // Growing by an eighth instead of doubling: a hundred thousand series must not hold twice what they need.
        if self.bytes.capacity() - self.bytes.len() < row.len() {
            self.bytes.reserve_exact(row.len().max(self.bytes.len() / 8).max(64));
        }
        self.bytes.extend_from_slice(row);
        if self.times.is_empty() {
            self.first_tick = tick;
        }
        self.times.push(at);
        self.last_tick = tick;
        self.samples += samples;
    }

    /// The oldest tick in here; `None` when it is empty.
    pub fn first_tick(&self) -> Option<i64> {
        (!self.times.is_empty()).then_some(self.first_tick)
    }

    /// The least time in here, which is the first unless a clock was set back.
    pub fn earliest(&self) -> Option<i64> {
        self.times.iter().copied().min()
    }

    /// The values of every slot as a part of a block, in the order of the slots.
    pub fn columns(&self) -> Result<Vec<Part>, Corrupt> {
        let empty = Part {
            at: Vec::new(),
            columns: vec![Vec::new()],
        };
        let mut parts = vec![empty; WIDTH];
        self.each(|at, slot, value| {
            let part = &mut parts[slot];
            part.at.push(at as u32);
            part.columns[0].push(value);
        })?;
        Ok(parts)
    }

    /// The block of these rows, with the entities that the lane's slots stand for.
    pub fn block(&self, slots: &[Slot]) -> Result<Vec<u8>, Corrupt> {
        let parts = self.columns()?;
        let parts: Vec<(EntityId, Part)> = slots
            .iter()
            .zip(parts)
            .filter_map(|(slot, part)| Some((slot.entity?, part)))
            .collect();
        Ok(block::encode(&self.times, &parts))
    }

    /// Tells index of the time, slot and value of every sample, tick by tick.
    pub fn each(&self, mut each: impl FnMut(usize, usize, f64)) -> Result<(), Corrupt> {
        let (mut input, mut state) = (&self.bytes[..], [0.0; WIDTH]);
        for at in 0..self.times.len() {
            row::decode(&mut input, &mut state, |slot, value| each(at, slot, value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::codec::block::Block;
    use brokerscope_contract::metrics;

    const A: EntityId = EntityId(70);
    const B: EntityId = EntityId(71);

    fn lane() -> Lane {
        let mut lane = Lane::new(1, Some(metrics::DEPTH));
        for entity in [A, B] {
            lane.slots.push(Slot {
                entity: Some(entity),
                live: true,
                last: None,
            });
        }
        lane
    }

    fn push(lane: &mut Lane, tick: i64, values: &[f64]) -> Vec<u8> {
        let mut row = Vec::new();
        lane.encode(&mut row, values);
        lane.append(tick, tick * 5_000, &mut &row[..]).unwrap();
        row
    }

    #[test]
    fn what_is_sealed_is_what_came_in() {
        let mut lane = lane();
        push(&mut lane, 1, &[5.0, f64::NAN]);
        push(&mut lane, 2, &[6.0, 0.25]);
        lane.freeze();
        push(&mut lane, 3, &[9.0, 1.0]);

        let frozen = lane.frozen.clone().unwrap();
        let bytes = frozen.block(&lane.slots).unwrap();
        let block = Block::parse(&bytes).unwrap();
        assert_eq!(block.points(A).unwrap(), [(5_000, 5.0), (10_000, 6.0)]);
        assert_eq!(block.points(B).unwrap(), [(10_000, 0.25)]);
        assert_eq!(frozen.last_tick, 2);
        assert_eq!(lane.slots[1].last, Some((15_000, 1.0)));
        assert_eq!(lane.pending_samples(), 5);
    }

    #[test]
    fn a_second_freeze_waits_for_the_first_to_be_sealed() {
        let mut lane = lane();
        push(&mut lane, 1, &[1.0]);
        lane.freeze();
        push(&mut lane, 2, &[2.0]);
        lane.freeze();
        assert_eq!(lane.frozen.as_ref().unwrap().times, [5_000]);
        assert_eq!(lane.head.times, [10_000]);
    }

    #[test]
    fn rows_after_a_freeze_are_readable_without_those_before() {
        let mut lane = lane();
        push(&mut lane, 1, &[1_000_000.0, 0.1]);
        lane.freeze();
        let row = push(&mut lane, 2, &[1_000_001.0, 0.1]);

        let mut again = self::lane();
        again.sealed_tick = 1;
        again.append(2, 10_000, &mut &row[..]).unwrap();
        assert_eq!(again.slots[0].last, Some((10_000, 1_000_001.0)));
        assert_eq!(again.slots[1].last, Some((10_000, 0.1)));
    }

    #[test]
    fn rows_that_are_sealed_already_are_read_over() {
        let mut first = lane();
        let sealed = push(&mut first, 1, &[1.0, 2.0]);
        first.freeze();
        let pending = push(&mut first, 2, &[1.0, 3.0]);
        let mut again = lane();
        again.sealed_tick = 1;
        again.append(1, 5_000, &mut &sealed[..]).unwrap();
        again.append(2, 10_000, &mut &pending[..]).unwrap();
        assert_eq!(again.slots[1].last, Some((10_000, 3.0)));
        assert_eq!(again.head.times, [10_000]);
    }

    #[test]
    fn a_head_never_starts_with_a_row_that_needs_another() {
        let mut first = lane();
        push(&mut first, 1, &[1.0, 2.0]);
        let dependent = push(&mut first, 2, &[1.0, 3.0]);
        assert!(lane().append(2, 10_000, &mut &dependent[..]).is_err());
    }
}
