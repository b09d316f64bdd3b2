//! How far behind a reader is in time, from where the log's end was when: pure arithmetic.
//!
//! Kafka says how many messages a group is behind, not since when. [`History`] remembers where the end of a
//! partition was at each visit; the message at a committed offset was stored when the end passed it, which is
//! found between two remembered points. What the history does not reach back to is estimated only near it, from
//! the rate of production, and otherwise stays unknown with its reason: nothing is extrapolated and invented.

use brokerscope_contract::{Method, Timestamp};

/// Points kept per partition, 16 bytes each. At the limit the older half is thinned out, so that a busy
/// partition is remembered further and further back, at less and less detail.
const MAX_POINTS: usize = 64;
/// A clock set back by more than this makes the remembered times worthless; less is only waited for.
const CLOCK_STEP_MILLIS: i64 = 60_000;
/// An end that has not moved for this long says nothing about the rate of production.
const IDLE_MILLIS: i64 = 120_000;
/// An estimate needs a rate measured over at least this time.
const ESTIMATE_SPAN_MILLIS: i64 = 60_000;
/// An estimate reaches at most this many times the length of the history back.
const ESTIMATE_REACH: f64 = 12.0;

/// Where the end of one partition was, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Oldest first; times strictly increase, offsets never fall.
    points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    end: i64,
    at: Timestamp,
}

/// How long ago the message that a reader takes next was stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Behind {
    Known { seconds: f64, method: Method },
    Unknown(Why),
}

/// Why the lag in time is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Fewer than two visits have seen the partition since watching began or the topic was made again.
    JustStarted,
    /// The message is older than the history, and nothing is being produced by which to estimate.
    Idle,
    /// The message is much older than the history.
    BeforeHistory,
}

impl History {
    /// Takes in where the end of the partition is at `at`.
    pub fn observe(&mut self, end: i64, at: Timestamp) {
        let point = Point { end, at };
        let Some(last) = self.points.last().copied() else {
            self.points.push(point);
            return;
        };
        let set_back = last.at.millis_since(at);
        // An end only falls when the topic was deleted and made again, or truncated: the past is another log's.
        if end < last.end || set_back > CLOCK_STEP_MILLIS {
            self.points.clear();
            self.points.push(point);
            return;
        }
        if set_back >= 0 {
            return;
        }
        // While nothing is produced only the newest point moves. The first point of the flat stretch stays: it
        // ends the rise before, which would otherwise seem to have taken all this time.
        match self.points.as_mut_slice() {
            [.., first, newest] if first.end == end && newest.end == end => newest.at = at,
            _ => self.points.push(point),
        }
        if self.points.len() > MAX_POINTS {
            self.thin_out();
        }
    }

    /// How long before `now` the message at `committed`, the next one to be read, was stored.
    pub fn behind(&self, committed: i64, now: Timestamp) -> Behind {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Behind::Unknown(Why::JustStarted);
        };
        if committed >= last.end {
            return Behind::Known {
                seconds: 0.0,
                method: Method::Exact,
            };
        }
        if self.points.len() < 2 {
            return Behind::Unknown(Why::JustStarted);
        }
        if committed < first.end {
            return self.estimate(last.end - committed);
        }
        // Newest first: an offset on a flat stretch was produced at its end, when the log began to grow again.
        let stored = self
            .points
            .windows(2)
            .rev()
            .find(|pair| pair[0].end <= committed && committed <= pair[1].end)
            .map_or(first.at, |pair| time_between(pair[0], pair[1], committed));
        Behind::Known {
            seconds: now.seconds_since(stored).max(0.0),
            method: Method::Interpolated,
        }
    }

    /// Forgets everything, as after a step of the clock.
    pub fn clear(&mut self) {
        self.points.clear();
    }

    /// `lag` messages at the rate at which they were produced while we watched.
    fn estimate(&self, lag: i64) -> Behind {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return Behind::Unknown(Why::JustStarted);
        };
        let span = last.at.millis_since(first.at);
        let moved = self.points.iter().find(|point| point.end == last.end).unwrap_or(last);
        if last.end == first.end || last.at.millis_since(moved.at) > IDLE_MILLIS {
            return Behind::Unknown(Why::Idle);
        }
        let span_seconds = span as f64 / 1000.0;
        let seconds = lag as f64 * span_seconds / (last.end - first.end) as f64;
        if span < ESTIMATE_SPAN_MILLIS || seconds > span_seconds * ESTIMATE_REACH {
            return Behind::Unknown(Why::BeforeHistory);
        }
        Behind::Known {
            seconds,
            method: Method::Estimated,
        }
    }

    /// Drops every second point of the older half; the oldest one stays.
    fn thin_out(&mut self) {
        let half = self.points.len() / 2;
        let mut index = 0;
        self.points.retain(|_| {
            index += 1;
            index > half || index % 2 == 1
        });
    }
}

/// When the end stood at `offset`, on the straight line between two points.
fn time_between(left: Point, right: Point, offset: i64) -> Timestamp {
    let rise = right.end - left.end;
    if rise == 0 {
        return right.at;
    }
    let share = (right.end - offset) as f64 / rise as f64;
    let back = share * right.at.millis_since(left.at) as f64;
    right.at.plus_millis(-(back as i64))
}

#[cfg(test)]
#[path = "lag_tests.rs"]
mod tests;
