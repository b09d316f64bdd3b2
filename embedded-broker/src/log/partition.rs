//! One partition's log: batches as bytes between a start and an end offset. Pure: the time is handed in.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;

use super::batch::{self, Header};
use super::producers::{Producers, Verdict};
use super::records::{self, Patience};

/// A stored batch.
#[derive(Debug, Clone)]
pub struct Batch {
    pub first: i64,
    pub last: i64,
    /// The newest record's time; -1 when it has none.
    pub max_timestamp: i64,
    /// When it was stored, in milliseconds since 1970.
    stored_at: i64,
    pub bytes: Bytes,
}

impl Batch {
    /// The first of its log, whatever its bytes say.
    pub fn posing(bytes: Bytes, records: i64, millis: i64) -> Self {
        Self {
            first: 0,
            last: records - 1,
            max_timestamp: millis,
            stored_at: millis,
            bytes,
        }
    }
}

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes: u64,
    pub millis: i64,
}

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    /// 0 for one that was there already.
    pub records: u64,
}

/// The answer to a question by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub offset: i64,
    pub timestamp: i64,
}

/// All batches of a partition.
#[derive(Debug, Default)]
pub struct Log {
    start: i64,
    end: i64,
    batches: VecDeque<Batch>,
    bytes: u64,
    /// (epoch, first offset in it), oldest first.
    epochs: Vec<(i32, i64)>,
    pub producers: Producers,
}

impl Log {
    /// The first offset that can be read.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The offset of the next record.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Bytes stored.
    pub fn size(&self) -> u64 {
        self.bytes
    }

    /// Stores a batch behind the last one, unless its producer has stored it before.
    pub fn append(
        &mut self,
        bytes: &[u8],
        header: &Header,
        epoch: i32,
        millis: i64,
    ) -> Result<Appended, ResponseError> {
        if let Verdict::Duplicate { base_offset } = self.producers.judge(header)? {
            return Ok(Appended {
                base_offset,
                records: 0,
            });
        }
        let base_offset = self.end;
        // A copy of its own: a slice would keep the whole frame in memory for as long as one of its batches.
        let mut own = BytesMut::from(bytes);
        batch::place(&mut own, base_offset, epoch);
        self.producers.remember(header, base_offset, millis);
        self.push(Batch {
            first: base_offset,
            last: base_offset + i64::from(header.last_offset_delta),
            max_timestamp: header.max_timestamp,
            stored_at: millis,
            bytes: own.freeze(),
        });
        Ok(Appended {
            base_offset,
            records: header.records.unsigned_abs().into(),
        })
    }

    /// Stores a batch whose bytes are right already.
    pub fn push(&mut self, batch: Batch) {
        self.end = batch.last + 1;
        self.bytes += batch.bytes.len() as u64;
        self.batches.push_back(batch);
    }

    /// A log that seems to hold one batch, at offset 0, whose bytes are shared with other logs.
    pub fn posing(bytes: Bytes, records: i64, millis: i64) -> Self {
        let mut log = Self::default();
        log.push(Batch::posing(bytes, records, millis));
        log
    }

    /// Whole batches from the one that holds the offset, up to so many bytes; the first one even when it is longer and
    /// `at_least_one` says so. Empty at the end.
    pub fn read(&self, from: i64, max_bytes: usize, at_least_one: bool) -> Result<Bytes, ResponseError> {
        if from < self.start || from > self.end {
            return Err(ResponseError::OffsetOutOfRange);
        }
        let first = self.batches.partition_point(|batch| batch.last < from);
        let mut chosen = self.batches.range(first..);
        let Some(one) = chosen.next() else {
            return Ok(Bytes::new());
        };
        if one.bytes.len() > max_bytes && !at_least_one {
            return Ok(Bytes::new());
        }
        let mut size = one.bytes.len();
        let more = chosen
            .take_while(|batch| {
                size += batch.bytes.len();
                size <= max_bytes
            })
            .count();
        if more == 0 {
            return Ok(one.bytes.clone());
        }
        let parts = self.batches.range(first..=first + more);
        let mut all = BytesMut::with_capacity(parts.clone().map(|batch| batch.bytes.len()).sum());
        parts.for_each(|batch| all.extend_from_slice(&batch.bytes));
        Ok(all.freeze())
    }

    /// How many bytes could be read from an offset on, as far as it matters to who waits for `enough`.
    pub fn available(&self, from: i64, enough: usize) -> usize {
        let first = self.batches.partition_point(|batch| batch.last < from);
        let mut size = 0;
        for batch in self.batches.range(first..) {
            size += batch.bytes.len();
            if size >= enough {
                break;
            }
        }
        size
    }

    /// The first record that is not older than a time.
    pub fn first_since(&self, timestamp: i64, patience: &mut Patience) -> Option<Found> {
        self.batches
            .iter()
            .filter(|batch| batch.max_timestamp >= timestamp)
            .find_map(|batch| records::first(batch, |at| at >= timestamp, self.start, patience))
    }

    /// The newest record; of several, the first.
    pub fn newest(&self, patience: &mut Patience) -> Option<Found> {
        let newest = self.batches.iter().map(|batch| batch.max_timestamp).max()?;
        self.first_since(newest, patience)
    }

    /// Removes what is over the limits; the newest batch stays as long as time allows. Returns the bytes that are free.
    pub fn retain(&mut self, limits: Limits, millis: i64) -> u64 {
        let before = self.bytes;
        while let Some(oldest) = self.batches.front() {
            let too_old = oldest.stored_at.saturating_add(limits.millis) < millis;
            let too_much = self.bytes > limits.bytes && self.batches.len() > 1;
            if !too_old && !too_much {
                break;
            }
            self.start = self.start.max(oldest.last + 1);
            self.bytes -= oldest.bytes.len() as u64;
            self.batches.pop_front();
        }
        self.forget_epochs();
        before - self.bytes
    }

    /// Removes everything before an offset; -1 means everything. Returns the new start.
    pub fn delete_before(&mut self, offset: i64) -> Result<i64, ResponseError> {
        let offset = if offset == -1 { self.end } else { offset };
        if offset < 0 || offset > self.end {
            return Err(ResponseError::OffsetOutOfRange);
        }
        self.start = self.start.max(offset);
        while let Some(oldest) = self.batches.front().filter(|batch| batch.last < self.start) {
            self.bytes -= oldest.bytes.len() as u64;
            self.batches.pop_front();
        }
        self.forget_epochs();
        Ok(self.start)
    }

    /// A new leader begins here. One before it that has stored nothing leaves no trace.
    pub fn begin_epoch(&mut self, epoch: i32) {
        if self.epochs.last().is_some_and(|(_, first)| *first == self.end) {
            self.epochs.pop();
        }
        self.epochs.push((epoch, self.end));
    }

    #[cfg(test)]
    pub fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// An epoch of which no record is left is not asked for any more.
    fn forget_epochs(&mut self) {
        let over = self.epochs.iter().skip(1).take_while(|(_, first)| *first <= self.start);
        let over = over.count();
        self.epochs.drain(..over);
    }

    /// The epoch at or before the asked one, and where it ended; -1 and -1 of one that never was.
    pub fn end_of_epoch(&self, asked: i32, current: i32) -> (i32, i64) {
        if asked < 0 || asked > current {
            return (-1, -1);
        }
        if asked == current {
            return (current, self.end);
        }
        let next = self.epochs.iter().find(|(epoch, _)| *epoch > asked);
        let known = self.epochs.iter().rev().find(|(epoch, _)| *epoch <= asked);
        let epoch = known.map_or(0, |(epoch, _)| *epoch);
        (epoch, next.map_or(self.end, |(_, first)| *first))
    }
}
