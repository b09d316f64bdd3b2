//! The heartbeat: a row of bars of equal width, the newest at the right end.

use std::fmt::Write;

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

    /// The places for which there is no item.
    pub fn empty_path(&self) -> String {
        let before = Bars {
            filled: self.slots,
            ..*self
        };
        let mut path = String::new();
        for i in 0..self.slots - self.filled.min(self.slots) {
            self.add(&mut path, before.bar(i), 0.0);
        }
        path
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
        assert_eq!(count(BARS.empty_path()), 87);
        assert_eq!(count(BARS.path(0.0, |_| true)), 3);
        assert_eq!(count(BARS.path(0.0, |i| i == 1)), 1);
    }
}
