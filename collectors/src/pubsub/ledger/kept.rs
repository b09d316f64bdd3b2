//! What was told of the last minutes, so that what comes late or is corrected is told again, and nothing else. Pure.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

use crate::running::Running;

/// For so long before the newest minute late points are waited for: more than any question reaches back.
const KEPT_MILLIS: i64 = 15 * 60_000;

/// A count of a minute: as much as all series say of it together, or growth to be added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Counted {
    All(f64),
    More(f64),
}

/// A running sum of the counts of minutes.
#[derive(Debug)]
pub struct Sum {
    running: Running,
    /// Until when all is final; this time was told.
    final_until: Timestamp,
    /// The newest time that was told.
    told: Timestamp,
}

impl Sum {
    /// Nothing was counted at `begins`, which is told with the first minutes.
    pub fn from_nothing(begins: Timestamp) -> Sum {
        Sum {
            running: Running::default(),
            final_until: begins,
            told: Timestamp(i64::MIN),
        }
    }

    pub fn newest(&self) -> Timestamp {
        self.running.newest().unwrap_or(self.final_until)
    }

    /// Takes in counts by the ends of their minutes, and returns what is to be told: the sum at each minute that is new.
    /// Where an earlier minute changed, or came late between two others, everything from the one before it on.
    pub fn take(&mut self, counts: impl Iterator<Item = (Timestamp, Counted)>) -> Vec<(Timestamp, f64)> {
        let mut earliest: Option<Timestamp> = None;
        for (end, counted) in counts.filter(|(end, _)| *end > self.final_until) {
            let sum = match counted {
                Counted::All(sum) => sum,
                Counted::More(growth) => self.running.sum_at(end).unwrap_or(0.0) + growth,
            };
            if self.running.put(end, sum) {
                earliest = Some(earliest.map_or(end, |known: Timestamp| known.min(end)));
            }
        }
        let Some(earliest) = earliest else { return Vec::new() };
        let from = match earliest > self.told {
            true => earliest,
            false => self.running.end_before(earliest).unwrap_or(self.final_until),
        };
        let is_first = self.told == Timestamp(i64::MIN);
        let beginning = (is_first || from == self.final_until).then_some((self.final_until, self.running.base()));
        let values = self.running.values().filter(|(end, _)| *end >= from);
        let told: Vec<_> = beginning.into_iter().chain(values).collect();
        self.told = self.newest();
        if let Some(settled) = self.running.settle(self.told.plus_millis(-KEPT_MILLIS)) {
            self.final_until = settled;
        }
        told
    }
}

/// The last values of a level.
#[derive(Debug, Default)]
pub struct Level(BTreeMap<Timestamp, f64>);

impl Level {
    pub fn newest(&self) -> Option<Timestamp> {
        self.0.last_key_value().map(|(at, _)| *at)
    }

    /// Takes in values, and returns what is to be told: from the earliest that is new or another one on, so that the newest
    /// is always told last.
    pub fn take(&mut self, values: impl Iterator<Item = (Timestamp, f64)>) -> Vec<(Timestamp, f64)> {
        let oldest = self.newest().map(|newest| newest.plus_millis(-KEPT_MILLIS));
        let mut earliest: Option<Timestamp> = None;
        for (at, value) in values.filter(|(at, _)| oldest.is_none_or(|oldest| *at >= oldest)) {
            if self.0.insert(at, value) != Some(value) {
                earliest = Some(earliest.map_or(at, |known: Timestamp| known.min(at)));
            }
        }
        let Some(earliest) = earliest else { return Vec::new() };
        let told = self.0.range(earliest..).map(|(at, value)| (*at, *value)).collect();
        if let Some(newest) = self.newest() {
            self.0 = self.0.split_off(&newest.plus_millis(-KEPT_MILLIS));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(points: &[(i64, f64)]) -> Vec<(Timestamp, f64)> {
        points
            .iter()
            .map(|(n, value)| (Timestamp(n * 60_000), *value))
            .collect()
    }

    fn take(sum: &mut Sum, counts: &[(i64, f64)]) -> Vec<(i64, f64)> {
        let counts = minutes(counts).into_iter().map(|(end, n)| (end, Counted::All(n)));
        sum.take(counts).into_iter().map(|(at, n)| (at.0 / 60_000, n)).collect()
    }

    #[test]
    fn a_minute_that_comes_late_is_put_in_its_place_and_all_after_it_is_told_again() {
        let mut sum = Sum::from_nothing(Timestamp(0));
        assert_eq!(take(&mut sum, &[(1, 5.0), (3, 1.0)]), [(0, 0.0), (1, 5.0), (3, 6.0)]);
        assert_eq!(take(&mut sum, &[(3, 1.0), (4, 2.0)]), [(4, 8.0)]);
        assert_eq!(
            take(&mut sum, &[(2, 7.0), (3, 1.0), (4, 2.0)]),
            [(1, 5.0), (2, 12.0), (3, 13.0), (4, 15.0)]
        );
        assert_eq!(take(&mut sum, &[(2, 7.0), (3, 1.0), (4, 2.0)]), []);
        // Corrected: a label's series came later than the others'.
        assert_eq!(take(&mut sum, &[(4, 3.0), (5, 1.0)]), [(3, 13.0), (4, 16.0), (5, 17.0)]);
    }

    #[test]
    fn after_a_quarter_of_an_hour_a_minute_is_final() {
        let mut sum = Sum::from_nothing(Timestamp(0));
        take(&mut sum, &[(1, 5.0), (3, 1.0)]);
        assert_eq!(take(&mut sum, &[(20, 1.0)]), [(20, 7.0)]);
        assert_eq!(take(&mut sum, &[(2, 9.0), (3, 9.0)]), []);
        assert_eq!(take(&mut sum, &[(18, 2.0)]), [(3, 6.0), (18, 8.0), (20, 9.0)]);
    }

    #[test]
    fn growth_is_added_to_what_others_grew_by() {
        let mut sum = Sum::from_nothing(Timestamp(0));
        let more = |n: i64, growth| std::iter::once((Timestamp(n * 60_000), Counted::More(growth)));
        sum.take(more(1, 4.0));
        let told = sum.take(more(1, 3.0));
        assert_eq!(told, minutes(&[(0, 0.0), (1, 7.0)]));
    }

    #[test]
    fn a_level_that_comes_late_is_told_with_all_that_follows_it() {
        let mut level = Level::default();
        let take = |level: &mut Level, values: &[(i64, f64)]| level.take(minutes(values).into_iter());
        assert_eq!(take(&mut level, &[(1, 5.0), (3, 7.0)]), minutes(&[(1, 5.0), (3, 7.0)]));
        assert_eq!(take(&mut level, &[(1, 5.0), (3, 7.0), (4, 8.0)]), minutes(&[(4, 8.0)]));
        let late = take(&mut level, &[(2, 6.0), (3, 7.0), (4, 8.0)]);
        assert_eq!(late, minutes(&[(2, 6.0), (3, 7.0), (4, 8.0)]));
        take(&mut level, &[(30, 1.0)]);
        assert_eq!(take(&mut level, &[(3, 9.0)]), []);
    }
}
