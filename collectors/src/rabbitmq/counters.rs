//! Counters added up over nodes that restart, leave and return: they count what was seen to happen.
//!
//! Each node counts what went through its own channels. The plain sum jumps by millions when a node is missing for
//! one visit and is back on the next, and every jump upwards would be drawn as a rate. Here each node's counter adds
//! only how far it went forward. A counter that went back gives no value on that visit, which readers take for the
//! gap that it is.

use std::collections::{HashMap, HashSet};

use super::names::Name;

/// `N` counters for each object, added up over sources (nodes).
#[derive(Debug, Default)]
pub struct Counters<const N: usize> {
    objects: HashMap<Name, Object<N>>,
    /// Sources of the visit before.
    sources: HashSet<String>,
    visits: u64,
}

#[derive(Debug)]
struct Object<const N: usize> {
    totals: [Option<f64>; N],
    /// What each source said last.
    positions: HashMap<String, [Option<f64>; N]>,
    /// The visit in which a source went back, by counter.
    broken_at: [u64; N],
}

impl<const N: usize> Default for Object<N> {
    fn default() -> Object<N> {
        Object {
            totals: [None; N],
            positions: HashMap::new(),
            broken_at: [0; N],
        }
    }
}

impl<const N: usize> Counters<N> {
    /// Takes in what the sources say on one visit. The totals are read with [`Counters::total`].
    pub fn read<'a, R: Iterator<Item = (&'a Name, [Option<f64>; N])>>(&mut self, sources: Vec<(String, R)>) {
        self.visits += 1;
        let names: HashSet<String> = sources.iter().map(|(name, _)| name.clone()).collect();
        for (source, rows) in sources {
            // A counter that appears on a source that was read before began at zero in between.
            let appears_from_zero = self.visits == 1 || self.sources.contains(&source);
            for (name, values) in rows {
                if values.iter().any(Option::is_some) {
                    self.read_row(name, &source, values, appears_from_zero);
                }
            }
        }
        self.sources = names;
    }

    fn read_row(&mut self, name: &Name, source: &str, values: [Option<f64>; N], appears_from_zero: bool) {
        if !self.objects.contains_key(name) {
            self.objects.insert(name.clone(), Object::default());
        }
        let Some(object) = self.objects.get_mut(name) else {
            return;
        };
        if !object.positions.contains_key(source) {
            object.positions.insert(source.to_string(), [None; N]);
        }
        let Some(positions) = object.positions.get_mut(source) else {
            return;
        };
        for at in 0..N {
            let Some(value) = values[at].filter(|value| value.is_finite()) else {
                continue;
            };
            let from = positions[at].unwrap_or(if appears_from_zero { 0.0 } else { value });
            positions[at] = Some(value);
            if value < from {
                object.broken_at[at] = self.visits;
            }
            object.totals[at] = Some(object.totals[at].unwrap_or(0.0) + (value - from).max(0.0));
        }
    }

    /// The sums of one object after the last visit; `None` where nothing was ever counted or a source went back.
    pub fn total(&self, name: &Name) -> [Option<f64>; N] {
        let Some(object) = self.objects.get(name) else {
            return [None; N];
        };
        std::array::from_fn(|at| object.totals[at].filter(|_| object.broken_at[at] != self.visits))
    }

    /// The sums go on from where they are with whatever the next visit says: another source counts differently.
    pub fn change_source(&mut self) {
        self.sources.clear();
        self.objects.values_mut().for_each(|object| object.positions.clear());
    }

    /// Forgets objects that are gone.
    pub fn keep(&mut self, is_known: impl Fn(&Name) -> bool) {
        self.objects.retain(|name, _| is_known(name));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn visit(counters: &mut Counters<1>, sources: &[(&str, f64)]) -> Option<f64> {
        let name = Name::new("/", "q");
        let sources = sources
            .iter()
            .map(|(source, value)| (source.to_string(), std::iter::once((&name, [Some(*value)]))))
            .collect();
        counters.read(sources);
        counters.total(&name)[0]
    }

    #[test]
    fn it_starts_at_the_sum_and_goes_on_by_what_each_node_adds() {
        let mut counters = Counters::default();
        assert_eq!(visit(&mut counters, &[("a", 100.0), ("b", 20.0)]), Some(120.0));
        assert_eq!(visit(&mut counters, &[("a", 105.0), ("b", 21.0)]), Some(126.0));
    }

    #[test]
    fn a_node_that_is_missing_for_a_while_is_no_jump_when_it_returns() {
        let mut counters = Counters::default();
        visit(&mut counters, &[("a", 100.0), ("b", 1_000_000.0)]);
        assert_eq!(visit(&mut counters, &[("a", 110.0)]), Some(1_000_110.0));
        assert_eq!(
            visit(&mut counters, &[("a", 120.0), ("b", 1_000_005.0)]),
            Some(1_000_125.0)
        );
    }

    #[test]
    fn a_node_that_restarted_gives_a_gap_and_then_counts_on() {
        let mut counters = Counters::default();
        visit(&mut counters, &[("a", 500.0)]);
        assert_eq!(visit(&mut counters, &[("a", 3.0)]), None);
        assert_eq!(visit(&mut counters, &[("a", 10.0)]), Some(507.0));
    }

    #[test]
    fn a_node_never_seen_before_adds_only_what_happens_from_then_on() {
        let mut counters = Counters::default();
        visit(&mut counters, &[("a", 10.0)]);
        assert_eq!(visit(&mut counters, &[("a", 10.0), ("b", 7_000.0)]), Some(10.0));
        assert_eq!(visit(&mut counters, &[("a", 10.0), ("b", 7_002.0)]), Some(12.0));
    }

    #[test]
    fn the_first_message_of_a_quiet_node_counts() {
        let mut counters = Counters::<1>::default();
        let (quiet, busy) = (Name::new("/", "quiet"), Name::new("/", "busy"));
        let said = |rows: Vec<(&Name, f64)>| {
            let rows: Vec<_> = rows.into_iter().map(|(name, value)| (name.clone(), value)).collect();
            rows
        };
        for rows in [said(vec![(&busy, 1.0)]), said(vec![(&busy, 2.0), (&quiet, 4.0)])] {
            let rows: Vec<_> = rows.iter().map(|(name, value)| (name, [Some(*value)])).collect();
            counters.read(vec![("a".to_string(), rows.into_iter())]);
        }
        assert_eq!(counters.total(&quiet), [Some(4.0)]);
        counters.keep(|name| name != &quiet);
        assert_eq!(counters.total(&quiet), [None]);
    }

    #[test]
    fn another_way_of_counting_goes_on_from_the_same_sum() {
        let mut counters = Counters::default();
        visit(&mut counters, &[("a", 100.0)]);
        counters.change_source();
        assert_eq!(visit(&mut counters, &[("management", 5_000.0)]), Some(100.0));
        assert_eq!(visit(&mut counters, &[("management", 5_007.0)]), Some(107.0));
    }

    proptest! {
        #[test]
        fn the_sum_never_falls(visits in prop::collection::vec(prop::collection::btree_map("[abc]", 0u32..1_000_000, 0..3), 1..40)) {
            let (mut counters, mut last) = (Counters::default(), 0.0);
            for sources in visits {
                let sources: Vec<_> = sources.iter().map(|(name, value)| (name.as_str(), f64::from(*value))).collect();
                if let Some(total) = visit(&mut counters, &sources) {
                    prop_assert!(total >= last);
                    last = total;
                }
            }
        }
    }
}
