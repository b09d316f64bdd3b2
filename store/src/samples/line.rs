//! From stored points and rollups to even steps: means, extremes, rates, gaps. Pure.

use super::rate::{self, Counter};
use super::spacing;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Lengths of steps that a person can name, each a multiple of those before that matter: a rollup's step from 5 minutes
/// on. Beyond a week it is weeks.
const LADDER: &[i64] = &[
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
];

/// The shortest step, at least `least`, of which `max` are as long as the range. Milliseconds.
pub(crate) fn step(from: i64, to: i64, max: usize, least: i64) -> i64 {
    let shortest = ((to - from).max(0) as u64).div_ceil(max.max(1) as u64) as i64;
    let shortest = shortest.max(least);
    let named = LADDER.iter().copied().find(|step| *step >= shortest);
    const WEEK: i64 = 7 * DAY;
    named.unwrap_or_else(|| shortest.div_euclid(WEEK) * WEEK + WEEK)
}

/// One more than fit into the range when it begins inside a step.
fn steps_in(from: i64, to: i64, step: i64) -> usize {
    ((to - spacing::floor(from, step)) / step + 1) as usize
}

/// The shortest step on the ladder that is not much shorter than the usual distance between points.
///
/// A tenth is allowed for, because visits are never exactly as far apart as they should be.
pub(crate) fn least_step(usual: Option<i64>) -> i64 {
    usual.map_or(0, |usual| usual - usual / 10)
}

/// What is known about one step, or about one step of a rollup.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Cell {
    /// How many points a gauge has here, for how many seconds a counter is known. 0: nothing is known.
    pub weight: f64,
    /// Of a gauge's values; of what a counter counted.
    pub sum: f64,
    /// Of values; of rates per second.
    pub min: f64,
    pub max: f64,
}

impl Cell {
    pub fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    pub fn merge(&mut self, other: &Cell) {
        if other.weight <= 0.0 {
            return;
        }
        let first = self.weight <= 0.0;
        self.min = if first { other.min } else { self.min.min(other.min) };
        self.max = if first { other.max } else { self.max.max(other.max) };
        self.sum += other.sum;
        self.weight += other.weight;
    }
}

/// Even steps being filled.
#[derive(Debug)]
pub(crate) struct Steps {
    pub start: i64,
    pub step: i64,
    pub cells: Vec<Cell>,
    /// Some step holds more than one measurement, so that its extremes say more than its mean.
    pub has_extremes: bool,
}

impl Steps {
    /// Steps that cover `from..=to`.
    pub fn covering(from: i64, to: i64, step: i64) -> Steps {
        let cells = if to < from { 0 } else { steps_in(from, to, step) };
        Steps {
            start: spacing::floor(from, step),
            step,
            cells: vec![Cell::default(); cells],
            has_extremes: false,
        }
    }

    /// The end of the last step.
    pub fn end(&self) -> i64 {
        self.start + self.step * self.cells.len() as i64
    }

    /// Adds stored points, those before `since` only for what they tell about the time after it.
    pub fn add_points(&mut self, points: &[(i64, f64)], counter: Option<Counter>, since: i64) {
        match counter {
            Some(counter) => {
                for span in rate::spans(points, counter) {
                    self.add_span(span, since);
                }
            }
            None => {
                for (at, value) in points.iter().filter(|(at, _)| *at >= since) {
                    self.merge(
                        *at,
                        &Cell {
                            weight: 1.0,
                            sum: *value,
                            min: *value,
                            max: *value,
                        },
                    );
                }
            }
        }
    }

    /// Spreads what was counted evenly over the time in which it was counted.
    fn add_span(&mut self, span: rate::Span, since: i64) {
        let millis = (span.to - span.from) as f64;
        let rate = span.increase / millis * 1000.0;
        let (mut from, to) = (span.from.max(since).max(self.start), span.to.min(self.end()));
        while from < to {
            let step_end = spacing::floor(from, self.step) + self.step;
            let part = (step_end.min(to) - from) as f64;
            let sum = span.increase * (part / millis);
            self.merge(
                from,
                &Cell {
                    weight: part / 1000.0,
                    sum,
                    min: rate,
                    max: rate,
                },
            );
            from = step_end;
        }
    }

    /// Adds one step of a rollup to the step that it begins in.
    pub fn add_summary(&mut self, at: i64, cell: &Cell) {
        self.has_extremes = true;
        self.merge(at, cell);
    }

    fn merge(&mut self, at: i64, cell: &Cell) {
        let index = (at - self.start).div_euclid(self.step);
        let Some(mine) = usize::try_from(index).ok().and_then(|index| self.cells.get_mut(index)) else {
            return;
        };
        self.has_extremes |= mine.weight > 0.0;
        mine.merge(cell);
    }

    /// The mean of each step. Steps of a gauge between two of `known` that are not a hole apart are on the straight
    /// line between them; all other empty steps stay empty.
    pub fn means(&self, known: &[(i64, f64)]) -> Vec<Option<f64>> {
        let mut means: Vec<_> = self.cells.iter().map(Cell::mean).collect();
        let mut known = known.to_vec();
        known.sort_by_key(|(at, _)| *at);
        known.dedup_by_key(|(at, _)| *at);
        let holes = spacing::holes(&known);
        for (pair, _) in known.windows(2).zip(holes).filter(|(_, hole)| !hole) {
            let ((from, before), (to, after)) = (pair[0], pair[1]);
            let first = (from - self.start).div_euclid(self.step) + 1;
            let last = (to - self.start).div_euclid(self.step);
            for index in first.max(0)..last.min(means.len() as i64) {
                let middle = self.start + index * self.step + self.step / 2;
                let share = ((middle - from) as f64 / (to - from) as f64).clamp(0.0, 1.0);
                let mean = &mut means[index as usize];
                *mean = mean.or(Some(before + (after - before) * share));
            }
        }
        means
    }

    /// The least and the greatest of each step; empty when no step has more than one measurement.
    pub fn extremes(&self) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
        if !self.has_extremes {
            return (Vec::new(), Vec::new());
        }
        let known = |cell: &Cell, value| (cell.weight > 0.0).then_some(value);
        self.cells
            .iter()
            .map(|cell| (known(cell, cell.min), known(cell, cell.max)))
            .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn means(points: &[(i64, f64)], counter: Option<Counter>, from: i64, to: i64, step: i64) -> Vec<Option<f64>> {
        let points: Vec<_> = points.iter().map(|(at, value)| (at * SECOND, *value)).collect();
        let mut steps = Steps::covering(from * SECOND, to * SECOND, step * SECOND);
        steps.add_points(&points, counter, i64::MIN);
        steps.means(if counter.is_some() { &[] } else { &points })
    }

    #[test]
    fn a_gauge_is_the_mean_of_its_step() {
        let line = means(&[(0, 1.0), (5, 3.0), (10, 7.0)], None, 0, 19, 10);
        assert_eq!(line, [Some(2.0), Some(7.0)]);
    }

    #[test]
    fn a_step_between_two_near_points_is_on_the_line_between_them() {
        let line = means(&[(0, 0.0), (5, 0.0), (10, 0.0), (20, 10.0), (25, 10.0)], None, 0, 29, 5);
        assert_eq!(
            line,
            [Some(0.0), Some(0.0), Some(0.0), Some(7.5), Some(10.0), Some(10.0)]
        );
    }

    #[test]
    fn a_hole_is_a_gap() {
        let line = means(&[(0, 1.0), (5, 1.0), (30, 1.0), (35, 1.0)], None, 0, 39, 5);
        let (some, none) = (Some(1.0), None);
        assert_eq!(line, [some, some, none, none, none, none, some, some]);
    }

    #[test]
    fn a_counter_is_a_rate_from_its_first_second_to_its_last() {
        let line = means(
            &[(0, 0.0), (5, 50.0), (10, 50.0), (15, 60.0)],
            Some(Counter::Count),
            0,
            19,
            5,
        );
        assert_eq!(line, [Some(10.0), Some(0.0), Some(2.0), None]);
        // Steps that do not begin with a reading get their share.
        let line = means(&[(2, 0.0), (7, 50.0), (12, 50.0)], Some(Counter::Count), 0, 14, 5);
        assert_eq!(line, [Some(10.0), Some(4.0), Some(0.0)]);
    }

    #[test]
    fn a_hole_in_a_counter_is_a_gap_even_though_its_growth_is_known() {
        let points = [(0, 0.0), (5, 5.0), (10, 10.0), (60, 60.0), (65, 65.0)];
        let line = means(&points, Some(Counter::Count), 0, 64, 5);
        assert_eq!(line.iter().filter(|value| value.is_none()).count(), 10);
    }

    #[test]
    fn extremes_are_given_where_a_step_holds_several_points() {
        let mut steps = Steps::covering(0, 9_999, 10_000);
        steps.add_points(&[(0, 4.0)], None, 0);
        assert_eq!(steps.extremes(), (vec![], vec![]));
        steps.add_points(&[(5_000, 8.0)], None, 0);
        assert_eq!(steps.extremes(), (vec![Some(4.0)], vec![Some(8.0)]));
    }

    #[test]
    fn what_a_rollup_covers_is_not_counted_twice() {
        let mut steps = Steps::covering(0, 20_000, 10_000);
        steps.add_summary(
            0,
            &Cell {
                weight: 10.0,
                sum: 20.0,
                min: 2.0,
                max: 2.0,
            },
        );
        steps.add_points(&[(5_000, 10.0), (15_000, 20.0)], Some(Counter::Count), 10_000);
        assert_eq!(steps.cells[0].mean(), Some(2.0));
        assert_eq!(
            steps.cells[1],
            Cell {
                weight: 5.0,
                sum: 5.0,
                min: 1.0,
                max: 1.0
            }
        );
    }

    #[test]
    fn steps_have_lengths_that_a_person_can_name() {
        assert_eq!(step(0, HOUR, 600, 0), 10 * SECOND);
        assert_eq!(step(0, DAY, 600, 0), 5 * MINUTE);
        assert_eq!(step(0, 30 * DAY, 600, 0), 2 * HOUR);
        assert_eq!(step(0, HOUR, 600, 4_700), 10 * SECOND);
        assert_eq!(step(0, 0, 1, 0), SECOND);
        assert_eq!(least_step(Some(5_020)), 4_518);
    }

    proptest! {
        #[test]
        fn no_range_takes_more_steps_than_asked_for(from in 0i64..1 << 52, length in 0i64..1 << 52, max in 1usize..5000) {
            let to = (from + length).min(1 << 52);
            let step = step(from, to, max, 0);
            prop_assert!(steps_in(from, to, step) <= max + 1);
        }

        #[test]
        fn a_gauge_never_leaves_the_range_of_its_points(
            points in prop::collection::vec((0i64..300, -1e6f64..1e6), 0..40), step in 1i64..60,
        ) {
            let least = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
            let most = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
            for value in means(&points, None, 0, 300, step).into_iter().flatten() {
                prop_assert!(value >= least - 1e-6 && value <= most + 1e-6);
            }
        }

        #[test]
        fn the_steps_of_a_counter_add_up_to_what_it_counted(
            growth in prop::collection::vec(0u32..1000, 1..40), step in 1i64..60,
        ) {
            let mut value = 0.0;
            let points: Vec<_> = growth.iter().enumerate().map(|(at, more)| {
                value += f64::from(*more);
                (at as i64 * 5 * SECOND, value)
            }).collect();
            let mut steps = Steps::covering(0, 300 * SECOND, step * SECOND);
            steps.add_points(&points, Some(Counter::Count), 0);
            let sum: f64 = steps.cells.iter().map(|cell| cell.sum).sum();
            prop_assert!((sum - (value - points[0].1)).abs() < 1e-6);
        }
    }
}
