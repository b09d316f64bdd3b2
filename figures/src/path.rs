//! SVG path data for lines, areas and bands over even steps; a step without a value is a gap.

use std::fmt::Write;
use std::ops::Range;

use crate::scale::Linear;

/// Places of the steps: step `i` lies at `first + i * step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Across {
    pub first: f64,
    pub step: f64,
}

impl Across {
    pub fn at(&self, i: usize) -> f64 {
        self.first + i as f64 * self.step
    }
}

/// The line through all values. A value alone between two gaps is a dot (with round line caps).
pub fn line(values: &[Option<f64>], x: Across, y: Linear) -> String {
    let mut path = String::with_capacity(values.len() * 12);
    for run in runs(values.len(), |i| value(values, i).is_some()) {
        let alone = run.len() == 1;
        for (nth, i) in run.enumerate() {
            let Some(v) = value(values, i) else { continue };
            point(&mut path, if nth == 0 { 'M' } else { 'L' }, x.at(i), y.at(v));
        }
        if alone {
            path.push_str("h.01");
        }
    }
    path
}

/// The surface between the line and `base`, a value.
pub fn area(values: &[Option<f64>], x: Across, y: Linear, base: f64) -> String {
    let floor: Vec<Option<f64>> = values.iter().map(|v| v.map(|_| base)).collect();
    band(&floor, values, x, y)
}

/// The surface between two lines, where both have values.
pub fn band(low: &[Option<f64>], high: &[Option<f64>], x: Across, y: Linear) -> String {
    let both = |i| value(low, i).is_some() && value(high, i).is_some();
    let mut path = String::new();
    for run in runs(low.len().min(high.len()), both) {
        if run.len() < 2 {
            continue;
        }
        for (nth, i) in run.clone().enumerate() {
            point(
                &mut path,
                if nth == 0 { 'M' } else { 'L' },
                x.at(i),
                y.at(value(high, i).unwrap_or(0.0)),
            );
        }
        for i in run.rev() {
            point(&mut path, 'L', x.at(i), y.at(value(low, i).unwrap_or(0.0)));
        }
        path.push('Z');
    }
    path
}

fn value(values: &[Option<f64>], i: usize) -> Option<f64> {
    values.get(i).copied().flatten().filter(|v| v.is_finite())
}

/// The stretches without a gap.
fn runs(len: usize, present: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for i in 0..=len {
        match (i < len && present(i), start) {
            (true, None) => start = Some(i),
            (false, Some(first)) => {
                runs.push(first..i);
                start = None;
            }
            _ => {}
        }
    }
    runs
}

fn point(path: &mut String, command: char, x: f64, y: f64) {
    // A tenth of a pixel is finer than any screen. Writing to a string cannot fail.
    let _ = write!(path, "{command}{:.1} {:.1}", x, y);
}

/// A small line and the surface under it, in a box of `width` by `height`, from zero to its largest value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spark {
    pub line: String,
    pub area: String,
}

pub fn spark(values: &[Option<f32>], width: f64, height: f64) -> Spark {
    let values: Vec<Option<f64>> = values.iter().map(|v| v.map(f64::from)).collect();
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    // Half the stroke stays inside the box at both ends; a line of zeros lies on the floor.
    let y = Linear::new((0.0, if highest > 0.0 { highest } else { 1.0 }), (height - 1.0, 2.0));
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let x = Across {
        first: 1.0,
        step: (width - 2.0) / steps,
    };
    Spark {
        line: line(&values, x, y),
        area: area(&values, x, y, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: Across = Across { first: 0.0, step: 10.0 };
    const Y: Linear = Linear {
        from: (0.0, 10.0),
        to: (100.0, 0.0),
    };

    #[test]
    fn a_gap_lifts_the_pen() {
        let path = line(&[Some(0.0), Some(10.0), None, Some(5.0)], X, Y);
        assert_eq!(path, "M0.0 100.0L10.0 0.0M30.0 50.0h.01");
    }

    #[test]
    fn what_is_no_number_is_a_gap() {
        assert_eq!(line(&[Some(f64::NAN), None], X, Y), "");
        assert_eq!(line(&[], X, Y), "");
    }

    #[test]
    fn an_area_ends_where_its_line_ends() {
        let path = area(&[Some(10.0), Some(10.0), None, Some(5.0)], X, Y, 0.0);
        assert_eq!(path, "M0.0 0.0L10.0 0.0L10.0 100.0L0.0 100.0Z");
    }

    #[test]
    fn a_sparkline_of_zeros_lies_on_the_floor() {
        assert_eq!(spark(&[Some(0.0), Some(0.0)], 12.0, 10.0).line, "M1.0 9.0L11.0 9.0");
        assert_eq!(spark(&[], 12.0, 10.0), Spark::default());
    }
}
