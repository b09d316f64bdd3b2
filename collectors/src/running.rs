//! From sums per period to a counter that only grows, with the last periods told again until they are final. Pure.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

/// A counter made of the sums of periods. Clouds correct the last ones, so those are kept apart until they are old.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// What was counted before `recent`, final.
    base: f64,
    /// The sum of each period by its end, milliseconds.
    recent: BTreeMap<i64, f64>,
}

impl Running {
    /// What was counted at the end of a period, as far as it is not settled. Whether that is news.
    pub fn put(&mut self, end: Timestamp, sum: f64) -> bool {
        self.recent.insert(end.0, sum) != Some(sum)
    }

    pub fn sum_at(&self, end: Timestamp) -> Option<f64> {
        self.recent.get(&end.0).copied()
    }

    /// The end of the last period before `end` of which there is a sum.
    pub fn end_before(&self, end: Timestamp) -> Option<Timestamp> {
        self.recent.range(..end.0).next_back().map(|(end, _)| Timestamp(*end))
    }

    pub fn newest(&self) -> Option<Timestamp> {
        self.recent.last_key_value().map(|(end, _)| Timestamp(*end))
    }

    /// Makes what ended until then final, and returns the last end of it.
    pub fn settle(&mut self, until: Timestamp) -> Option<Timestamp> {
        let later = self.recent.split_off(&(until.0 + 1));
        let settled = std::mem::replace(&mut self.recent, later);
        self.base += settled.values().sum::<f64>();
        settled.last_key_value().map(|(end, _)| Timestamp(*end))
    }

    /// What was counted before everything that is not settled.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The counter at the end of each period that is not settled and has a sum.
    pub fn values(&self) -> impl Iterator<Item = (Timestamp, f64)> + '_ {
        self.recent.iter().scan(self.base, |total, (end, sum)| {
            *total += sum;
            Some((Timestamp(*end), *total))
        })
    }

    /// Takes in the sums of the periods that end after `from`, by their ends, and returns the counter's values from
    /// there on: one at every end of a period up to the newest that has a sum.
    ///
    /// A period without a sum counts nothing as long as a later one has one. After the newest nothing is known.
    pub fn read(&mut self, from: Timestamp, sums: &[(Timestamp, f64)], period: i64) -> Vec<(Timestamp, f64)> {
        self.settle(from);
        for (end, sum) in sums.iter().filter(|(end, sum)| *end > from && sum.is_finite()) {
            self.put(*end, *sum);
        }
        let Some(newest) = self.newest() else {
            return Vec::new();
        };
        let (mut total, mut values) = (self.base, vec![(from, self.base)]);
        for end in (from.0 + period..=newest.0).step_by(usize::try_from(period).unwrap_or(1).max(1)) {
            total += self.sum_at(Timestamp(end)).unwrap_or(0.0);
            values.push((Timestamp(end), total));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: i64) -> Timestamp {
        Timestamp(n * 300_000)
    }

    fn read(running: &mut Running, from: i64, sums: &[(i64, f64)]) -> Vec<(i64, f64)> {
        let sums: Vec<_> = sums.iter().map(|(n, sum)| (at(*n), *sum)).collect();
        let values = running.read(at(from), &sums, 300_000);
        values.into_iter().map(|(at, value)| (at.0 / 300_000, value)).collect()
    }

    #[test]
    fn sums_become_a_counter_and_late_ones_correct_it() {
        let mut running = Running::default();
        assert_eq!(
            read(&mut running, 0, &[(1, 5.0), (2, 3.0), (3, 1.0)]),
            [(0, 0.0), (1, 5.0), (2, 8.0), (3, 9.0)]
        );
        // The third period turns out to have more, and a fourth is new.
        assert_eq!(
            read(&mut running, 1, &[(2, 3.0), (3, 7.0), (4, 2.0)]),
            [(1, 5.0), (2, 8.0), (3, 15.0), (4, 17.0)]
        );
        // Nothing is told: what is known already is only repeated, and nothing of it is lost.
        assert_eq!(read(&mut running, 2, &[]), [(2, 8.0), (3, 15.0), (4, 17.0)]);
        assert_eq!(read(&mut running, 4, &[]), []);
        assert_eq!(read(&mut running, 5, &[(6, 1.0)]), [(5, 17.0), (6, 18.0)]);
    }

    #[test]
    fn a_period_without_a_sum_between_two_counts_nothing() {
        let mut running = Running::default();
        assert_eq!(
            read(&mut running, 0, &[(1, 5.0), (3, 1.0)]),
            [(0, 0.0), (1, 5.0), (2, 5.0), (3, 6.0)]
        );
    }
}
