//! Where everything of a chart lies: margins, axes and scales for a given size.

use brokerscope_figures::path::Across;
use brokerscope_figures::scale::{self, Linear};
use brokerscope_figures::ticks::{self, Axis, Steps, TimeMark};

use super::series::{Series, Threshold, ThresholdKind};
use crate::components::Quantity;

pub const LEFT: f64 = 56.0;
const RIGHT: f64 = 10.0;
pub const TOP: f64 = 14.0;
const BOTTOM: f64 = 22.0;
/// A time label and the air around it.
const TIME_LABEL: f64 = 74.0;
/// A threshold this many times higher than all data would flatten the data: it is named instead of drawn.
const NEAR: f64 = 3.0;

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub width: f64,
    pub height: f64,
    pub x: Linear,
    pub y: Linear,
    pub axis: Axis,
    pub times: Vec<TimeMark>,
}

/// Width and height in pixels.
pub type Size = (f64, f64);

impl Frame {
    pub fn new(size: Size, window: (i64, i64), axis: Axis) -> Frame {
        let (width, height) = size;
        let (from, to) = window;
        let right = (width - RIGHT).max(LEFT + 1.0);
        let most = ((right - LEFT) / TIME_LABEL).floor().max(1.0) as usize;
        Frame {
            width,
            height,
            x: Linear::new((from as f64, to as f64), (LEFT, right)),
            y: Linear::new((axis.low, axis.high), (height - BOTTOM, TOP)),
            times: ticks::time_marks(from, to, most),
            axis,
        }
    }

    pub fn plot_width(&self) -> f64 {
        self.x.to.1 - LEFT
    }

    pub fn floor(&self) -> f64 {
        self.height - BOTTOM
    }

    /// Where the steps of a line lie.
    pub fn across(&self, series: &Series) -> Across {
        let steps = series.steps();
        Across {
            first: self.x.at(steps.start as f64),
            step: self.x.at((steps.start + steps.step) as f64) - self.x.at(steps.start as f64),
        }
    }

    /// The moment at a place, inside the window.
    pub fn moment(&self, x: f64) -> i64 {
        let (from, to) = self.x.from;
        self.x.invert(x).clamp(from, to) as i64
    }

    /// The value at a height, inside the axis.
    pub fn value(&self, y: f64) -> f64 {
        self.y.invert(y).clamp(self.axis.low, self.axis.high)
    }
}

/// The axis that holds all lines, and the thresholds that are near; `roomy` holds every threshold with air above.
pub fn axis(series: &[Series], thresholds: &[Threshold], quantity: Quantity, height: f64, roomy: bool) -> Axis {
    let (low, high) = scale::extent(series.iter().flat_map(Series::drawn)).unwrap_or((0.0, 0.0));
    let near = |value: &f64| roomy || (*value <= high * NEAR && *value >= low * NEAR);
    let levels = thresholds.iter().map(|threshold| threshold.value).filter(near);
    let highest = levels.clone().fold(high, f64::max);
    let lowest = levels.fold(low, f64::min);
    let air = if roomy { 1.15 } else { 1.0 };
    let steps = match quantity {
        Quantity::Count => Steps::Whole,
        Quantity::Duration => Steps::Seconds,
        _ => Steps::Decimal,
    };
    ticks::value_axis(lowest, highest * air, (height / 38.0) as usize, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_and_its_moment_belong_together() {
        let axis = ticks::value_axis(0.0, 100.0, 4, Steps::Whole);
        let frame = Frame::new((600.0, 190.0), (0, 3_600_000), axis);
        assert_eq!(frame.moment(LEFT), 0);
        assert_eq!(frame.moment(-50.0), 0);
        assert_eq!(frame.moment(10_000.0), 3_600_000);
        assert_eq!(frame.value(frame.y.at(50.0)), 50.0);
    }

    #[test]
    fn a_chart_with_no_width_yet_does_not_fail() {
        let axis = axis(&[], &[], Quantity::Count, 190.0, false);
        let frame = Frame::new((0.0, 190.0), (0, 1_000), axis);
        assert!(frame.plot_width() > 0.0);
    }
}

/// The baselines of the names of levels whose lines lie at these heights: the firing level is named above its line and
/// the clearing one below, so that two near levels stay readable; none is written over the time axis.
pub fn name_heights(lines: &[(ThresholdKind, f64)], bottom: f64) -> Vec<f64> {
    const ABOVE: f64 = 4.0;
    const BELOW: f64 = 12.0;
    let is_clear = |kind: ThresholdKind| kind == ThresholdKind::Clear;
    let clear = |y: f64| {
        if y + BELOW <= bottom - 2.0 {
            y + BELOW
        } else {
            (y - ABOVE).min(bottom - ABOVE)
        }
    };
    let cleared = lines.iter().find(|(kind, _)| is_clear(*kind)).map(|(_, y)| clear(*y));
    let height = |&(kind, y): &(ThresholdKind, f64)| match (is_clear(kind), cleared) {
        (true, _) => clear(y),
        (false, Some(other)) if (y - ABOVE - other).abs() < BELOW => other - BELOW - 1.0,
        (false, _) => y - ABOVE,
    };
    lines.iter().map(height).collect()
}

#[cfg(test)]
mod name_tests {
    use super::*;

    #[test]
    fn names_of_levels_keep_clear_of_each_other_and_of_the_axis() {
        use ThresholdKind::{Clear, Fire};
        for (fire, clear, expected) in [
            (40.0, 80.0, [36.0, 92.0]),
            (60.0, 61.0, [56.0, 73.0]),
            (148.0, 149.0, [132.0, 145.0]),
            (60.0, 150.0, [56.0, 146.0]),
        ] {
            assert_eq!(name_heights(&[(Fire, fire), (Clear, clear)], 150.0), expected);
        }
        assert_eq!(name_heights(&[(Fire, 150.0)], 150.0), [146.0]);
    }
}
