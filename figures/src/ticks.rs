//! Where the marks of an axis go, and what is written beside them.

use crate::calendar::{self, DAY, HOUR, MINUTE, SECOND};

/// Which distances between marks look right for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// 1, 2, 5 and their tens.
    Decimal,
    /// The same, but never between whole numbers.
    Whole,
    /// Seconds: below one second decimal, then the steps of clocks and calendars.
    Seconds,
}

/// An axis of values: its ends are marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub marks: Vec<f64>,
}

/// An axis that holds all of `low..=high` and zero, with about `wanted` distances between its marks.
pub fn value_axis(low: f64, high: f64, wanted: usize, steps: Steps) -> Axis {
    let (low, high) = (low.min(0.0), high.max(0.0));
    let extent = if high > low { high - low } else { 1.0 };
    let step = nice_step(extent / wanted.max(1) as f64, steps);
    let first = (low / step).floor() as i64;
    let last = ((low + extent) / step - 1e-9).ceil() as i64;
    let marks: Vec<f64> = (first..=last.max(first + 1)).map(|i| i as f64 * step).collect();
    Axis {
        low: marks.first().copied().unwrap_or(0.0),
        high: marks.last().copied().unwrap_or(1.0),
        marks,
    }
}

const CLOCK_STEPS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0,
    43_200.0, 86_400.0,
];

/// The smallest pleasant step that is not below `least`.
fn nice_step(least: f64, steps: Steps) -> f64 {
    match steps {
        Steps::Whole => decimal_step(least).max(1.0),
        Steps::Seconds if least > 1.0 => {
            let clock = CLOCK_STEPS.iter().copied().find(|step| *step >= least);
            clock.unwrap_or_else(|| decimal_step(least / 86_400.0) * 86_400.0)
        }
        Steps::Decimal | Steps::Seconds => decimal_step(least),
    }
}

fn decimal_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= least * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// A mark on a time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeMark {
    /// Milliseconds.
    pub at: i64,
    pub label: String,
    /// A new day begins here.
    pub midnight: bool,
}

const TIME_STEPS: &[i64] = &[
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
    14 * DAY,
    28 * DAY,
];

/// Round moments (UTC) between `from` and `to`, at most `most` of them.
pub fn time_marks(from: i64, to: i64, most: usize) -> Vec<TimeMark> {
    let least = (to - from).max(1) / most.max(1) as i64;
    let step = TIME_STEPS
        .iter()
        .copied()
        .find(|step| *step >= least)
        .unwrap_or(56 * DAY);
    let first = from.div_euclid(step) + i64::from(from.rem_euclid(step) != 0);
    (first..)
        .map(|i| i * step)
        .take_while(|at| *at <= to)
        .take(most.max(1))
        .map(|at| time_mark(at, step))
        .collect()
}

fn time_mark(at: i64, step: i64) -> TimeMark {
    let midnight = at.rem_euclid(DAY) == 0;
    let label = match (midnight, step < MINUTE) {
        (true, _) => calendar::day_month(at),
        (false, true) => calendar::hour_minute_second(at),
        (false, false) => calendar::hour_minute(at),
    };
    TimeMark { at, label, midnight }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_are_round_and_hold_the_data() {
        let marks = |high, steps| value_axis(0.0, high, 4, steps).marks;
        assert_eq!(marks(9.3, Steps::Decimal), [0.0, 5.0, 10.0]);
        assert_eq!(marks(12_480.0, Steps::Whole), [0.0, 5_000.0, 10_000.0, 15_000.0]);
        assert_eq!(marks(1.0, Steps::Whole), [0.0, 1.0]);
        assert_eq!(marks(0.0, Steps::Whole), [0.0, 1.0]);
        assert_eq!(marks(700.0, Steps::Seconds), [0.0, 300.0, 600.0, 900.0]);
        assert_eq!(
            marks(7_000.0, Steps::Seconds),
            [0.0, 1_800.0, 3_600.0, 5_400.0, 7_200.0]
        );
    }

    proptest! {
        #[test]
        fn an_axis_holds_its_values_with_few_marks(low in -1e9..1e9_f64, extent in 1e-6..1e9_f64, wanted in 2_usize..8) {
            for steps in [Steps::Decimal, Steps::Whole, Steps::Seconds] {
                let axis = value_axis(low, low + extent, wanted, steps);
                prop_assert!(axis.low <= low.max(0.0) + 1e-6 && axis.high * (1.0 + 1e-9) + 1e-6 >= low + extent);
                prop_assert!((2..=wanted + 3).contains(&axis.marks.len()), "{:?}", axis);
            }
        }

        #[test]
        fn time_marks_lie_inside_and_are_few(from in 0_i64..2_000_000_000_000, length in 1_000_i64..40 * DAY) {
            let marks = time_marks(from, from + length, 6);
            prop_assert!(marks.len() <= 6);
            prop_assert!(marks.iter().all(|mark| (from..=from + length).contains(&mark.at)));
        }
    }

    #[test]
    fn a_day_that_begins_is_named() {
        let midnight = 1_763_856_000_000;
        let marks = time_marks(midnight - HOUR, midnight + HOUR, 4);
        let labels: Vec<String> = marks.iter().map(|mark| mark.label.replace('\u{a0}', " ")).collect();
        assert_eq!(labels, ["23:00", "23:30", "23 Nov", "00:30"]);
    }
}
