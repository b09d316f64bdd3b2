//! What lies under a pointer: the nearest step of an evenly spaced line.

/// Even steps in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    pub start: i64,
    pub step: i64,
    pub len: usize,
}

impl Steps {
    /// The step nearest to a moment; none when that is more than one step outside.
    pub fn nearest(&self, at: i64) -> Option<usize> {
        if self.len == 0 || self.step <= 0 {
            return None;
        }
        let i = (at - self.start + self.step / 2).div_euclid(self.step);
        let last = self.len as i64 - 1;
        (-1..=last + 1).contains(&i).then(|| i.clamp(0, last) as usize)
    }

    pub fn at(&self, i: usize) -> i64 {
        self.start + i as i64 * self.step
    }
}

/// The last value that is not missing, at or before `i`, no more than `back` steps away.
pub fn value_near(values: &[Option<f64>], i: usize, back: usize) -> Option<f64> {
    (i.saturating_sub(back)..=i)
        .rev()
        .find_map(|i| values.get(i).copied().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_step_is_found_and_nothing_far_outside() {
        let steps = Steps {
            start: 1_000,
            step: 100,
            len: 5,
        };
        for (at, nearest) in [
            (1_000, Some(0)),
            (1_049, Some(0)),
            (1_051, Some(1)),
            (1_480, Some(4)),
            (950, Some(0)),
            (700, None),
            (2_000, None),
        ] {
            assert_eq!(steps.nearest(at), nearest, "{at}");
        }
        assert_eq!(Steps { len: 0, ..steps }.nearest(1_000), None);
        assert_eq!(Steps { step: 0, ..steps }.nearest(1_000), None);
    }

    #[test]
    fn a_gap_has_no_value_unless_one_is_near() {
        let values = [Some(1.0), None, None];
        assert_eq!(value_near(&values, 2, 0), None);
        assert_eq!(value_near(&values, 1, 1), Some(1.0));
        assert_eq!(value_near(&values, 9, 0), None);
    }
}
