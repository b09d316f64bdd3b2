//! Rates from counters: a counter that falls was set back, and says nothing about that one step.

use brokerscope_contract::Timestamp;

/// Over a longer step a mean rate is history rather than a rate: after a long outage there is none at first.
const LONGEST_STEP_SECONDS: f64 = 3_600.0;

/// A rate for every pair of neighbours, at the time of the later one, per second.
///
/// A pair over which the counter fell, or which spans no time or more than an hour, gives none: after a restart of
/// the broker nobody knows how much was counted before it.
pub fn rates(points: &[(Timestamp, f64)]) -> impl Iterator<Item = (Timestamp, f64)> + '_ {
    points
        .windows(2)
        .filter_map(|pair| rate(pair[0], pair[1]).map(|rate| (pair[1].0, rate)))
}

/// The rate per second between two raw values of a counter.
pub fn rate(earlier: (Timestamp, f64), later: (Timestamp, f64)) -> Option<f64> {
    let seconds = later.0.seconds_since(earlier.0);
    let step = later.1 - earlier.1;
    (seconds > 0.0 && seconds <= LONGEST_STEP_SECONDS && step >= 0.0).then(|| step / seconds)
}

/// The mean rate over all pairs that give one, weighted by their length.
pub fn mean_rate(points: impl Iterator<Item = (Timestamp, f64)>) -> Option<f64> {
    let (mut seconds, mut steps) = (0.0, 0.0);
    let mut earlier: Option<(Timestamp, f64)> = None;
    for point in points {
        if let Some(earlier) = earlier
            && rate(earlier, point).is_some()
        {
            seconds += point.0.seconds_since(earlier.0);
            steps += point.1 - earlier.1;
        }
        earlier = Some(point);
    }
    (seconds > 0.0).then(|| steps / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, value: f64) -> (Timestamp, f64) {
        (Timestamp(seconds * 1_000), value)
    }

    #[test]
    fn a_reset_is_a_gap_and_not_a_negative_rate() {
        let points = [at(0, 100.0), at(10, 150.0), at(20, 5.0), at(30, 25.0)];
        let rates: Vec<_> = rates(&points).collect();
        assert_eq!(rates, [at(10, 5.0), at(30, 2.0)]);
        assert_eq!(mean_rate(points.into_iter()), Some(3.5));
    }

    #[test]
    fn no_time_gives_no_rate() {
        assert_eq!(rate(at(5, 1.0), at(5, 9.0)), None);
        assert_eq!(rate(at(5, 1.0), at(4, 9.0)), None);
        assert_eq!(rate(at(0, 1.0), at(3_601, 9.0)), None);
        assert_eq!(mean_rate([at(5, 1.0)].into_iter()), None);
    }
}
