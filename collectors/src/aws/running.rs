//! From sums per period to a counter that only grows, with the last periods told again until they are final. Pure.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

/// A counter made of the sums of periods. Clouds correct the last ones, so those are kept apart until they are old.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// What was counted before `recent`.
    base: f64,
    /// The sum of each period by its end, milliseconds.
    recent: BTreeMap<i64, f64>,
}

impl Running {
    /// Takes in the sums of the periods that end after `from`, by their ends, and returns the counter's values from
    /// there on: one at every end of a period up to the newest that has a sum.
    ///
    /// A period without a sum counts nothing as long as a later one has one. After the newest nothing is known.
    pub fn read(&mut self, from: Timestamp, sums: &[(Timestamp, f64)], period: i64) -> Vec<(Timestamp, f64)> {
        let later = self.recent.split_off(&(from.0 + 1));
        self.base += std::mem::replace(&mut self.recent, later).values().sum::<f64>();
        let told = sums.iter().filter(|(end, sum)| *end > from && sum.is_finite());
        self.recent.extend(told.map(|(end, sum)| (end.0, *sum)));
        let Some((newest, _)) = self.recent.last_key_value() else {
            return Vec::new();
        };
        let (mut total, mut values) = (self.base, vec![(from, self.base)]);
        for end in (from.0 + period..=*newest).step_by(usize::try_from(period).unwrap_or(1).max(1)) {
            total += self.recent.get(&end).copied().unwrap_or(0.0);
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
