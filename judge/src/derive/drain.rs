//! How long until nothing waits.

use crate::verdict::Window;

/// Beyond 30 days a straight line is no forecast any more.
const LONGEST_SECONDS: f64 = 30.0 * 86_400.0;

/// Seconds until nothing waits if it goes on like this; estimated.
///
/// The backlog divided by the speed at which it shrinks, by a line through at least ten observations that explains
/// most of what they do. `Some(0)` when it has just become empty; `None` when it does not shrink, when the line does
/// not fit, or when nothing waited in the whole span.
pub fn drain_seconds(window: &Window) -> Option<f64> {
    let waiting = window.newest()?.waiting?;
    if waiting <= 0.0 {
        let waited = window.span().any(|seen| seen.waiting.is_some_and(|n| n > 0.0));
        return waited.then_some(0.0);
    }
    let trend = window.trend()?;
    if !trend.foretells() || trend.slope >= 0.0 || trend.change >= 0.0 {
        return None;
    }
    let seconds = waiting / -trend.slope;
    (seconds <= LONGEST_SECONDS).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;

    use super::*;
    use crate::verdict::Observation;

    fn window(depths: impl IntoIterator<Item = f64>) -> Window {
        let mut window = Window::default();
        for (i, depth) in depths.into_iter().enumerate() {
            window.push(Observation {
                waiting: Some(depth),
                ..Observation::at(Timestamp(i as i64 * 30_000))
            });
        }
        window
    }

    #[test]
    fn a_shrinking_backlog_is_divided_by_its_speed() {
        let seconds = drain_seconds(&window((0..11).map(|i| 9_000.0 - 300.0 * f64::from(i)))).unwrap();
        assert!((seconds - 600.0).abs() < 1e-6, "{seconds}");
    }

    #[test]
    fn no_forecast_without_ten_points_that_agree() {
        assert_eq!(
            drain_seconds(&window((0..9).map(|i| 9_000.0 - 300.0 * f64::from(i)))),
            None
        );
        assert_eq!(drain_seconds(&window((0..11).map(f64::from))), None, "it grows");
        let noise = [50.0, 9.0, 70.0, 3.0, 66.0, 12.0, 55.0, 31.0, 8.0, 90.0, 40.0];
        assert_eq!(drain_seconds(&window(noise)), None);
    }

    #[test]
    fn empty_is_zero_only_right_after_something_waited() {
        assert_eq!(drain_seconds(&window([5.0, 3.0, 0.0])), Some(0.0));
        assert_eq!(drain_seconds(&window([0.0; 5])), None);
    }
}
