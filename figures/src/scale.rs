//! From values to pixels and back.

/// A straight-line map; the ends may run in either direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    pub from: (f64, f64),
    pub to: (f64, f64),
}

impl Linear {
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Linear {
        Linear { from, to }
    }

    /// Where a value lies. A scale without extent puts everything at its start.
    pub fn at(&self, value: f64) -> f64 {
        let extent = self.from.1 - self.from.0;
        if extent == 0.0 {
            return self.to.0;
        }
        self.to.0 + (value - self.from.0) / extent * (self.to.1 - self.to.0)
    }

    /// The value that lies there.
    pub fn invert(&self, pixel: f64) -> f64 {
        Linear::new(self.to, self.from).at(pixel)
    }
}

/// The smallest and largest of the finite values; none when there are none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold(None, |extent, value| match extent {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back_is_the_same(value in -1e6..1e6_f64, low in -1e6..0.0_f64, high in 1.0..1e6_f64) {
            let scale = Linear::new((low, high), (300.0, 10.0));
            prop_assert!((scale.invert(scale.at(value)) - value).abs() < 1e-3);
        }
    }

    #[test]
    fn a_flat_scale_does_not_divide_by_zero() {
        assert_eq!(Linear::new((5.0, 5.0), (0.0, 100.0)).at(5.0), 0.0);
    }

    #[test]
    fn what_is_no_number_has_no_extent() {
        assert_eq!(extent([f64::NAN, f64::INFINITY]), None);
        assert_eq!(extent([3.0, f64::NAN, -1.0]), Some((-1.0, 3.0)));
    }
}
