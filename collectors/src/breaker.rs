//! When a failing broker may be asked again: a circuit breaker with jittered exponential back-off.
//!
//! Pure: time is the caller's monotonic time since it started, so a clock that jumps changes nothing here.

use std::time::Duration;

/// No wait is longer than this, however long a broker has been failing.
pub const LONGEST_WAIT: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The last visit succeeded: visits follow the schedule.
    Closed,
    /// The last visits failed: no visit before `until`.
    Open { until: Duration },
    /// The wait is over and one visit tries whether the broker is back.
    HalfOpen,
}

/// What the breaker says to a visit that is about to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    Regular,
    /// After failures: this visit decides whether the breaker closes or opens for longer.
    Trial,
    /// Too early.
    NotBefore(Duration),
}

#[derive(Debug, Clone)]
pub struct Breaker {
    interval: Duration,
    failures: u32,
    state: State,
}

impl Breaker {
    /// `interval` is the ordinary time between visits and the shortest wait after a failure.
    pub fn new(interval: Duration) -> Breaker {
        Breaker {
            interval,
            failures: 0,
            state: State::Closed,
        }
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Asks for a visit at `now`.
    pub fn permit(&mut self, now: Duration) -> Permit {
        match self.state {
            State::Closed => Permit::Regular,
            State::Open { until } if now < until => Permit::NotBefore(until),
            State::Open { .. } | State::HalfOpen => {
                self.state = State::HalfOpen;
                Permit::Trial
            }
        }
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.state = State::Closed;
    }

    /// Notes a failure that ended at `now` and returns when the next visit may start.
    ///
    /// The wait doubles with each failure from one interval to [`LONGEST_WAIT`]. `jitter`, 0 to 1, places it in the
    /// upper half of what it has grown by, so that many connections to one broker do not return in step.
    pub fn failed(&mut self, now: Duration, jitter: f64) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let longest = LONGEST_WAIT.max(self.interval);
        let doublings = (self.failures - 1).min(16);
        let grown = self.interval.saturating_mul(1 << doublings).min(longest);
        let growth = grown - self.interval;
        let until = now + self.interval + growth.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0));
        self.state = State::Open { until };
        until
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_healthy_broker_is_visited_on_schedule() {
        let mut breaker = Breaker::new(seconds(15));
        assert_eq!(breaker.permit(seconds(0)), Permit::Regular);
        breaker.succeeded();
        assert_eq!(breaker.permit(seconds(1)), Permit::Regular);
    }

    #[test]
    fn waits_double_from_one_interval_to_five_minutes() {
        let mut breaker = Breaker::new(seconds(15));
        let waits: Vec<u64> = (0..8)
            .map(|_| breaker.failed(seconds(100), 1.0).as_secs() - 100)
            .collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 300, 300, 300]);
    }

    #[test]
    fn an_open_breaker_lets_one_trial_through_and_only_success_closes_it() {
        let mut breaker = Breaker::new(seconds(10));
        let until = breaker.failed(seconds(0), 0.5);
        assert_eq!(breaker.permit(seconds(9)), Permit::NotBefore(until));
        assert_eq!(breaker.permit(until), Permit::Trial);
        assert_eq!(breaker.state(), State::HalfOpen);
        let later = breaker.failed(until, 0.5);
        assert!(later - until > seconds(10), "a failed trial waits longer");
        assert_eq!(breaker.permit(later), Permit::Trial);
        breaker.succeeded();
        assert_eq!((breaker.state(), breaker.failures()), (State::Closed, 0));
    }

    #[test]
    fn an_interval_longer_than_the_longest_wait_stays_the_interval() {
        let mut breaker = Breaker::new(seconds(3600));
        for _ in 0..40 {
            assert_eq!(breaker.failed(seconds(0), 0.7), seconds(3600));
        }
    }

    proptest! {
        #[test]
        fn no_wait_is_shorter_than_the_interval_or_longer_than_the_bound(
            interval in 1u64..7200, failures in 1usize..60, jitter in any::<f64>(), now in 0u64..1_000_000
        ) {
            let mut breaker = Breaker::new(seconds(interval));
            for _ in 0..failures {
                let wait = breaker.failed(seconds(now), jitter) - seconds(now);
                prop_assert!(wait >= seconds(interval) && wait <= LONGEST_WAIT.max(seconds(interval)));
            }
        }
    }
}
