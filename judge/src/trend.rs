//! A straight line through a few points, and how well it fits.

use brokerscope_contract::Timestamp;

/// The line of least squares through what waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per second.
    pub slope: f64,
    /// The share of the variance that the line explains, 0 to 1.
    pub r2: f64,
    pub points: usize,
    /// Whether no point lies below its predecessor.
    pub never_fell: bool,
    /// The last value less the first.
    pub change: f64,
}

/// The least share of explained variance at which a line is believed (alerting practice: R² above 0.6).
pub const BELIEVED_R2: f64 = 0.6;

/// A line is extended into the future only when this many points carry it.
pub const FORECAST_POINTS: usize = 10;

impl Trend {
    /// Whether the value grows, beyond what noise explains.
    pub fn grows(&self) -> bool {
        self.change > 0.0 && (self.never_fell || (self.slope > 0.0 && self.r2 >= BELIEVED_R2))
    }

    /// Whether the line may be extended into the future.
    pub fn foretells(&self) -> bool {
        self.points >= FORECAST_POINTS && self.r2 >= BELIEVED_R2
    }
}

/// `None` below three points or when no time passes between them.
pub fn fit(points: impl Iterator<Item = (Timestamp, f64)> + Clone) -> Option<Trend> {
    let first = points.clone().next()?;
    let last = points.clone().last()?;
    let (mut n, mut sum_x, mut sum_y) = (0_usize, 0.0, 0.0);
    let mut never_fell = true;
    let mut before = first.1;
    for (at, y) in points.clone() {
        n += 1;
        sum_x += at.seconds_since(first.0);
        sum_y += y;
        never_fell &= y >= before;
        before = y;
    }
    if n < 3 {
        return None;
    }
    let (mean_x, mean_y) = (sum_x / n as f64, sum_y / n as f64);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (at, y) in points {
        let (dx, dy) = (at.seconds_since(first.0) - mean_x, y - mean_y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    if xx <= 0.0 {
        return None;
    }
    let r2 = if yy > 0.0 { (xy * xy) / (xx * yy) } else { 0.0 };
    Some(Trend {
        slope: xy / xx,
        r2,
        points: n,
        never_fell,
        change: last.1 - first.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> Option<Trend> {
        fit(values
            .iter()
            .enumerate()
            .map(|(i, value)| (Timestamp(i as i64 * 30_000), *value)))
    }

    #[test]
    fn a_steady_climb_is_believed_and_noise_is_not() {
        let climb = line(&[100.0, 160.0, 220.0, 280.0]).unwrap();
        assert!((climb.slope - 2.0).abs() < 1e-9 && climb.r2 > 0.999 && climb.grows());
        assert!(!line(&[100.0, 40.0, 180.0, 90.0, 110.0]).unwrap().grows());
        assert!(!line(&[300.0, 200.0, 100.0]).unwrap().grows());
        assert!(
            !line(&[7.0, 7.0, 7.0, 7.0]).unwrap().grows(),
            "what stands still does not grow"
        );
    }

    #[test]
    fn two_points_are_no_trend() {
        assert_eq!(line(&[1.0, 2.0]), None);
        assert_eq!(fit([(Timestamp(0), 1.0); 4].into_iter()), None);
    }
}
