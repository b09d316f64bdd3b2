//! The last hour in sixty minutes, one number each.

use brokerscope_contract::Timestamp;

pub const MINUTES: usize = 60;

/// A ring of one value per minute. NaN stands for "nothing measured", in here only.
#[derive(Debug, Clone)]
pub struct Spark {
    /// The newest minute since the epoch that has a value.
    newest: i64,
    values: [f32; MINUTES],
}

impl Default for Spark {
    fn default() -> Spark {
        Spark {
            newest: i64::MIN,
            values: [f32::NAN; MINUTES],
        }
    }
}

impl Spark {
    /// The last value of a minute counts. Minutes since the value before are filled with it when they are no more
    /// than `bridge_minutes`: with a long interval that is no gap but the pace of the visits.
    pub fn put(&mut self, at: Timestamp, value: f64, bridge_minutes: i64) {
        let minute = minute_of(at);
        if minute < self.newest.saturating_sub(MINUTES as i64) {
            // The clock went back by more than the line shows: it begins anew.
            *self = Spark::default();
        } else if minute < self.newest {
            return;
        }
        let passed = minute.saturating_sub(self.newest);
        let before = if self.newest == i64::MIN {
            f32::NAN
        } else {
            self.values[slot(self.newest)]
        };
        let between = if passed <= bridge_minutes { before } else { f32::NAN };
        for step in 1..passed.min(MINUTES as i64) {
            self.values[slot(minute - step)] = between;
        }
        if passed >= MINUTES as i64 {
            self.values = [f32::NAN; MINUTES];
        }
        self.newest = minute;
        self.values[slot(minute)] = small(value);
    }

    /// A value from the store for a minute that has none yet.
    pub fn recall(&mut self, at: Timestamp, value: f64) {
        let minute = minute_of(at);
        if self.newest == i64::MIN {
            self.newest = minute;
        }
        if minute > self.newest {
            return self.put(at, value, 0);
        }
        let place = &mut self.values[slot(minute)];
        if self.newest - minute < MINUTES as i64 && place.is_nan() {
            *place = small(value);
        }
    }

    /// The hour that ends with `now`, oldest first.
    pub fn line(&self, now: Timestamp) -> Vec<Option<f32>> {
        let last = minute_of(now);
        (0..MINUTES as i64)
            .map(|back| last - (MINUTES as i64 - 1) + back)
            .map(|minute| {
                let held = minute <= self.newest && self.newest - minute < MINUTES as i64;
                let value = if held { self.values[slot(minute)] } else { f32::NAN };
                (!value.is_nan()).then_some(value)
            })
            .collect()
    }
}

fn minute_of(at: Timestamp) -> i64 {
    at.0.div_euclid(60_000)
}

fn slot(minute: i64) -> usize {
    minute.rem_euclid(MINUTES as i64) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "a sparkline is a few pixels high")]
fn small(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp(n * 60_000)
    }

    fn tail(spark: &Spark, now: i64, n: usize) -> Vec<Option<f32>> {
        spark.line(minute(now)).split_off(MINUTES - n)
    }

    #[test]
    fn gaps_stay_gaps_and_long_intervals_are_none() {
        let mut spark = Spark::default();
        spark.put(minute(100), 1.0, 1);
        spark.put(minute(101), 2.0, 1);
        spark.put(minute(104), 5.0, 1);
        assert_eq!(
            tail(&spark, 105, 6),
            [Some(1.0), Some(2.0), None, None, Some(5.0), None]
        );
        spark.put(minute(107), 8.0, 5);
        assert_eq!(tail(&spark, 107, 4), [Some(5.0), Some(5.0), Some(5.0), Some(8.0)]);
    }

    #[test]
    fn an_hour_later_nothing_old_is_left() {
        let mut spark = Spark::default();
        spark.put(minute(10), 1.0, 1);
        assert_eq!(spark.line(minute(70)).iter().flatten().count(), 0);
        spark.put(minute(75), 2.0, 1);
        assert_eq!(spark.line(minute(75)).iter().flatten().count(), 1);
        assert_eq!(spark.line(minute(75)).len(), MINUTES);
    }

    #[test]
    fn a_clock_that_went_back_begins_anew_when_it_went_far() {
        let mut spark = Spark::default();
        spark.put(minute(1_000), 1.0, 1);
        spark.put(minute(999), 9.0, 1);
        assert_eq!(tail(&spark, 1_000, 2), [None, Some(1.0)]);
        spark.put(minute(10), 9.0, 1);
        assert_eq!(tail(&spark, 10, 1), [Some(9.0)]);
    }

    #[test]
    fn what_is_recalled_never_replaces_what_was_measured() {
        let mut spark = Spark::default();
        spark.put(minute(50), 7.0, 1);
        spark.recall(minute(50), 1.0);
        spark.recall(minute(48), 2.0);
        assert_eq!(tail(&spark, 50, 3), [Some(2.0), None, Some(7.0)]);
        let mut empty = Spark::default();
        empty.recall(minute(48), 2.0);
        empty.recall(minute(50), 3.0);
        assert_eq!(tail(&empty, 50, 3), [Some(2.0), None, Some(3.0)]);
    }
}
