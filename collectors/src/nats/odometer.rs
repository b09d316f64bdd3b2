//! Sums of counters that start anew one by one: the sum must only grow, and by no more than was counted since.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;

/// Beyond this many parts those are forgotten that were not read for a day: instances come and go under new names.
const MANY_PARTS: usize = 64;
const DAY_SECONDS: f64 = 86_400.0;

/// What one part of a sum counts.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    pub part: &'a str,
    pub count: f64,
    /// When it began to count, by this machine's clock; where that is known.
    pub since: Option<Timestamp>,
}

/// One sum of the counters of many parts, such as an account's over all servers.
#[derive(Debug, Clone, Default)]
pub struct Odometer {
    parts: HashMap<String, (f64, Timestamp)>,
    total: f64,
    /// The visit under way, and the one before it.
    visit: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Odometer {
    /// Takes the reading of one part. A part that stands lower than before has started anew.
    ///
    /// On the first visit all of a count is taken. A part that is seen for the first time later, because it did not
    /// answer before, is where its count begins: only one that began to count after the last visit brings all of it.
    pub fn note(&mut self, at: Timestamp, reading: Reading<'_>) {
        if self.visit != Some(at) {
            self.before = self.visit.replace(at);
        }
        let count = reading.count;
        let step = match self.parts.get_mut(reading.part) {
            Some(known) => {
                let before = std::mem::replace(known, (count, at)).0;
                if count >= before { count - before } else { count }
            }
            None => {
                self.parts.insert(reading.part.to_string(), (count, at));
                let is_new = match (self.before, reading.since) {
                    (None, _) => true,
                    (Some(before), Some(since)) => since > before,
                    (Some(_), None) => false,
                };
                if is_new { count } else { 0.0 }
            }
        };
        self.total += step;
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

    fn reading(part: &str, count: f64) -> Reading<'_> {
        Reading {
            part,
            count,
            since: None,
        }
    }

    #[test]
    fn the_sum_never_falls() {
        let mut odometer = Odometer::default();
        let mut totals = Vec::new();
        // Server a restarts after the second round, server b is gone in the third.
        for (round, counts) in [
            [Some(10.0), Some(5.0)],
            [Some(12.0), Some(5.0)],
            [Some(1.0), None],
            [Some(4.0), Some(6.0)],
        ]
        .into_iter()
        .enumerate()
        {
            for (part, count) in ["a", "b"].into_iter().zip(counts) {
                if let Some(count) = count {
                    odometer.note(Timestamp(round as i64 * 15_000), reading(part, count));
                }
            }
            totals.push(odometer.total());
        }
        assert_eq!(totals, [15.0, 17.0, 18.0, 22.0]);
    }

    #[test]
    fn a_part_that_is_late_does_not_bring_its_whole_life() {
        let at = |visit: i64| Timestamp(visit * 15_000);
        let mut odometer = Odometer::default();
        odometer.note(at(1), reading("a", 10.0));
        odometer.note(at(2), reading("a", 11.0));
        // It did not answer before, and nobody says since when it counts.
        odometer.note(at(2), reading("late", 9_000.0));
        assert_eq!(odometer.total(), 11.0);
        odometer.note(at(3), reading("late", 9_002.0));
        assert_eq!(odometer.total(), 13.0);
        for (part, since, total) in [("old", at(1), 13.0), ("new", at(3).plus_millis(1), 20.0)] {
            let since = Some(since);
            let count = 7.0;
            odometer.note(at(4), Reading { part, count, since });
            assert_eq!(odometer.total(), total, "{part}");
        }
    }

    #[test]
    fn parts_of_long_ago_are_forgotten_and_stay_counted() {
        let mut odometer = Odometer::default();
        for i in 0..500_i64 {
            let at = Timestamp(i * 3_600_000);
            let part = format!("instance {i}");
            let since = Some(at.plus_millis(-1));
            odometer.note(
                at,
                Reading {
                    part: &part,
                    count: 2.0,
                    since,
                },
            );
        }
        assert!(odometer.parts.len() <= MANY_PARTS + 1, "{}", odometer.parts.len());
        assert_eq!(odometer.total(), 1_000.0);
        odometer.note(Timestamp(500 * 3_600_000), reading("instance 0", 2.0));
        assert_eq!(odometer.total(), 1_000.0, "one that comes back was counted once");
    }
}
