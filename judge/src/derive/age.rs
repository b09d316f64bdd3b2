//! The age of the oldest message, for brokers that do not tell it.

use crate::verdict::Window;

/// A pace is believed only when at least this many messages were taken during the span: one message in five minutes
/// says nothing about how long the next one will wait.
const FEWEST_TAKEN: f64 = 5.0;

/// About how old the message at the head is: what waits divided by the pace at which it is taken (Little's law for
/// a queue that is read in order); estimated.
///
/// `Some(0)` when it has just become empty; `None` when idle or without enough traffic to tell, because a number of
/// years for a queue that nobody reads would be invented.
pub fn oldest_age_seconds(window: &Window) -> Option<f64> {
    let waiting = window.newest()?.waiting?;
    if waiting <= 0.0 {
        let waited = window.span().any(|seen| seen.waiting.is_some_and(|n| n > 0.0));
        return waited.then_some(0.0);
    }
    let taking = window.taking_rate()?;
    (taking * window.seconds() >= FEWEST_TAKEN).then(|| waiting / taking)
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;

    use super::*;
    use crate::verdict::Observation;

    fn window(per_visit: f64, waiting: f64) -> Window {
        let mut window = Window::default();
        for i in 0..8 {
            window.push(Observation {
                waiting: Some(waiting),
                taken: Some(f64::from(i) * per_visit),
                ..Observation::at(Timestamp(i64::from(i) * 30_000))
            });
        }
        window
    }

    #[test]
    fn it_is_the_backlog_over_the_pace() {
        let age = oldest_age_seconds(&window(60.0, 240.0)).unwrap();
        assert!((age - 120.0).abs() < 1e-6, "{age}");
    }

    #[test]
    fn idle_and_almost_idle_queues_have_none() {
        assert_eq!(oldest_age_seconds(&window(0.0, 240.0)), None);
        assert_eq!(oldest_age_seconds(&window(0.5, 240.0)), None);
        assert_eq!(oldest_age_seconds(&window(60.0, 0.0)), None);
    }
}
