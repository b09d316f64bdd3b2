//! Sums of counters that start anew one by one: the sum must only grow.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;

/// Beyond this many parts those are forgotten that were not read for a day: instances come and go under new names.
const MANY_PARTS: usize = 64;
const DAY_SECONDS: f64 = 86_400.0;

/// One sum of the counters of many parts, such as an account's over all servers.
#[derive(Debug, Clone, Default)]
pub struct Odometer {
    parts: HashMap<String, (f64, Timestamp)>,
    total: f64,
}

impl Odometer {
    /// Takes the reading of one part. A part that stands lower than before has started anew; one that is seen for the
    /// first time brings all of its count.
    pub fn note(&mut self, at: Timestamp, part: &str, reading: f64) {
        let before = match self.parts.get_mut(part) {
            Some(known) => std::mem::replace(known, (reading, at)).0,
            None => {
                self.parts.insert(part.to_string(), (reading, at));
                0.0
            }
        };
        self.total += if reading >= before { reading - before } else { reading };
        if self.parts.len() > MANY_PARTS {
            self.parts.retain(|_, (_, read)| at.seconds_since(*read) < DAY_SECONDS);
        }
    }

    pub fn total(&self) -> f64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_never_falls() {
        let mut odometer = Odometer::default();
        let mut totals = Vec::new();
        // Server a restarts after the second round, server b is gone in the third.
        for round in [
            [Some(10.0), Some(5.0)],
            [Some(12.0), Some(5.0)],
            [Some(1.0), None],
            [Some(4.0), Some(6.0)],
        ] {
            for (part, reading) in ["a", "b"].into_iter().zip(round) {
                if let Some(reading) = reading {
                    odometer.note(Timestamp(0), part, reading);
                }
            }
            totals.push(odometer.total());
        }
        assert_eq!(totals, [15.0, 17.0, 18.0, 22.0]);
    }

    #[test]
    fn parts_of_long_ago_are_forgotten_and_stay_counted() {
        let mut odometer = Odometer::default();
        for i in 0..500_i64 {
            odometer.note(Timestamp(i * 3_600_000), &format!("instance {i}"), 2.0);
        }
        assert!(odometer.parts.len() <= MANY_PARTS + 1, "{}", odometer.parts.len());
        assert_eq!(odometer.total(), 1_000.0);
    }
}
