//! The heartbeat: a row of bars of equal width, the newest at the right end.

use std::fmt::Write;

/// How far a stroke of the hatching rises over a bar, and the distance to the next.
const HATCH_RISE: f64 = 4.0;
const HATCH_APART: f64 = 6.0;

/// Where the bars go: `slots` places over `width`, filled from the right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bars {
    pub slots: usize,
    pub filled: usize,
    pub width: f64,
    pub height: f64,
}

impl Bars {
    fn pitch(&self) -> f64 {
        self.width / self.slots.max(1) as f64
    }

    /// Left edge and width of the bar of item `i`, 0 being the oldest.
    pub fn bar(&self, i: usize) -> (f64, f64) {
        let slot = self.slots - self.filled.min(self.slots) + i;
        let gap = if self.pitch() >= 4.0 { 2.0 } else { 1.0 };
        (slot as f64 * self.pitch(), (self.pitch() - gap).max(0.8))
    }

    /// The item under a place, if there is one.
    pub fn item(&self, x: f64) -> Option<usize> {
        let slot = (x / self.pitch()).floor() as i64;
        let empty = (self.slots - self.filled.min(self.slots)) as i64;
        usize::try_from(slot - empty).ok().filter(|i| *i < self.filled)
    }

    /// One path for all items that `chosen` picks; `top` lowers their upper edge.
    pub fn path(&self, top: f64, chosen: impl Fn(usize) -> bool) -> String {
        let mut path = String::new();
        for i in (0..self.filled).filter(|i| chosen(*i)) {
            self.add(&mut path, self.bar(i), top);
        }
        path
    }

    /// Strokes that hatch the places without an item, and the items that `chosen` picks.
    ///
    /// Strokes, because a pattern that fills would be stretched with the drawing.
    pub fn hatching(&self, chosen: impl Fn(usize) -> bool) -> String {
        let empty = self.slots - self.filled.min(self.slots);
        let all = Bars {
            filled: self.slots,
            ..*self
        };
        let mut path = String::new();
        for slot in (0..self.slots).filter(|slot| *slot < empty || chosen(slot - empty)) {
            self.hatch(&mut path, all.bar(slot));
        }
        path
    }

    fn hatch(&self, path: &mut String, (x, width): (f64, f64)) {
        let mut low = HATCH_RISE;
        while low <= self.height {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x:.1} {low:.1}l{width:.1} -{HATCH_RISE}");
            low += HATCH_APART;
        }
    }

    fn add(&self, path: &mut String, (x, width): (f64, f64), top: f64) {
        let radius = (width / 2.0).min(1.5);
        let (inner, height) = (width - 2.0 * radius, self.height - top - 2.0 * radius);
        // Writing to a string cannot fail.
        let _ = write!(
            path,
            "M{:.1} {top:.1}h{inner:.1}a{radius} {radius} 0 0 1 {radius} {radius}v{height:.1}a{radius} {radius} 0 0 1 -{radius} {radius}h-{inner:.1}a{radius} {radius} 0 0 1 -{radius} -{radius}v-{height:.1}a{radius} {radius} 0 0 1 {radius} -{radius}z",
            x + radius,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARS: Bars = Bars {
        slots: 90,
        filled: 3,
        width: 450.0,
        height: 22.0,
    };

    #[test]
    fn the_newest_is_at_the_right_end() {
        assert_eq!(BARS.bar(2), (445.0, 3.0));
        assert_eq!(BARS.item(447.0), Some(2));
        assert_eq!(BARS.item(436.0), Some(0));
        assert_eq!(BARS.item(430.0), None);
        assert_eq!(BARS.item(451.0), None);
    }

    #[test]
    fn every_place_is_drawn_once() {
        let count = |path: String| path.matches('M').count();
        assert_eq!(count(BARS.path(0.0, |_| true)), 3);
        assert_eq!(count(BARS.path(0.0, |i| i == 1)), 1);
    }

    #[test]
    fn what_was_not_measured_is_hatched() {
        let strokes_of_one = 4;
        let count = |path: String| path.matches('M').count();
        assert_eq!(count(BARS.hatching(|_| false)), 87 * strokes_of_one);
        assert_eq!(count(BARS.hatching(|i| i == 2)), 88 * strokes_of_one);
        let full = Bars { filled: 90, ..BARS };
        assert_eq!(full.hatching(|_| false), "");
        assert_eq!(
            full.hatching(|i| i == 0),
            "M0.0 4.0l3.0 -4M0.0 10.0l3.0 -4M0.0 16.0l3.0 -4M0.0 22.0l3.0 -4"
        );
    }
}
