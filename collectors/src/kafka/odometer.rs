//! A counter over positions that may appear late, go back, or be missing for a while: it counts what was driven.
//!
//! The plain sum of offsets jumps whenever a partition joins or leaves it, by all that the partition ever held,
//! and every jump upwards would be a rate of millions. Here each position adds only how far it went forward.

use std::collections::HashMap;
use std::hash::Hash;

/// Starts at the sum of the positions first seen and never falls.
///
/// Positions are those of partitions, or the totals of topics.
#[derive(Debug, Clone)]
pub struct Odometer<K = i32> {
    total: i64,
    started: bool,
    positions: HashMap<K, i64>,
}

impl<K> Default for Odometer<K> {
    fn default() -> Odometer<K> {
        Odometer {
            total: 0,
            started: false,
            positions: HashMap::new(),
        }
    }
}

impl<K: Clone + Eq + Hash> Odometer<K> {
    /// Takes in the positions seen on one visit, by their keys.
    ///
    /// A position that went back adds nothing and is counted from again. One that is missing adds its way when it
    /// returns. One that is new after the first visit adds what lies beyond `floor`, which is where it certainly
    /// started or was before; without a floor it adds nothing.
    pub fn read(&mut self, positions: impl IntoIterator<Item = (K, i64)>, floor: impl Fn(&K) -> Option<i64>) -> f64 {
        for (key, position) in positions {
            let before = self.positions.insert(key.clone(), position);
            let from = match before {
                Some(before) => before,
                None if self.started => floor(&key).unwrap_or(position),
                None => 0,
            };
            self.total = self.total.saturating_add((position - from).max(0));
        }
        self.started |= !self.positions.is_empty();
        self.total as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn none(_: &i32) -> Option<i64> {
        None
    }

    #[test]
    fn it_starts_at_the_sum_and_goes_on_by_what_moves() {
        let mut odometer = Odometer::default();
        assert_eq!(odometer.read([(0, 100), (1, 200)], none), 300.0);
        assert_eq!(odometer.read([(0, 110), (1, 205)], none), 315.0);
    }

    #[test]
    fn a_missing_partition_is_no_jump_and_catches_up_when_it_returns() {
        let mut odometer = Odometer::default();
        odometer.read([(0, 100), (1, 1_000_000)], none);
        assert_eq!(odometer.read([(0, 110)], none), 1_000_110.0);
        assert_eq!(odometer.read([(0, 120), (1, 1_000_050)], none), 1_000_170.0);
    }

    #[test]
    fn a_position_set_back_adds_nothing_and_then_counts_on_from_there() {
        let mut odometer = Odometer::default();
        odometer.read([(0, 5_000)], none);
        assert_eq!(odometer.read([(0, 1_000)], none), 5_000.0);
        assert_eq!(odometer.read([(0, 1_040)], none), 5_040.0);
    }

    #[test]
    fn a_late_partition_adds_only_what_certainly_happened_since() {
        let mut odometer = Odometer::default();
        odometer.read([(0, 10)], none);
        // First commit of a partition that had a million messages before and 40 since the last visit.
        assert_eq!(odometer.read([(0, 10), (1, 1_000_040)], |_| Some(1_000_000)), 50.0);
        assert_eq!(odometer.read([(2, 7)], none), 50.0);
        assert_eq!(odometer.read([(2, 9)], none), 52.0);
    }

    proptest! {
        #[test]
        fn it_never_falls(visits in prop::collection::vec(prop::collection::btree_map(0_i32..8, 0_i64..1_000_000, 0..8), 0..40)) {
            let (mut odometer, mut last) = (Odometer::default(), 0.0);
            for visit in visits {
                let now = odometer.read(visit, none);
                prop_assert!(now >= last);
                last = now;
            }
        }
    }
}
