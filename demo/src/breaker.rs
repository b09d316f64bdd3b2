//! A circuit breaker: after several failures in a row nobody is asked for a while, and then one call tries it out.

use std::time::Duration;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open before a call may try.
const REST: Duration = Duration::from_secs(5);

/// Time is handed in as the time since some fixed moment.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    open_until: Option<Duration>,
    /// A call is trying it out, and the others wait for what it learns.
    trying: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// The call may be made. Its outcome has to be told.
    Call,
    /// Nobody is asked now.
    Refused,
}

impl Breaker {
    pub fn permit(&mut self, now: Duration) -> Permit {
        match self.open_until {
            None => Permit::Call,
            Some(until) if now >= until && !self.trying => {
                self.trying = true;
                Permit::Call
            }
            Some(_) => Permit::Refused,
        }
    }

    pub fn succeeded(&mut self) {
        *self = Breaker::default();
    }

    /// True when this failure opened it, or kept it open.
    pub fn failed(&mut self, now: Duration) -> bool {
        self.failures += 1;
        let opens = self.trying || self.failures >= FAILURES;
        if opens {
            self.open_until = Some(now + REST);
            self.trying = false;
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn broken() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            breaker.failed(at(0));
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            assert!(!breaker.failed(at(0)));
        }
        breaker.succeeded();
        for _ in 1..FAILURES {
            assert!(!breaker.failed(at(0)));
            assert_eq!(breaker.permit(at(0)), Permit::Call);
        }
        assert!(breaker.failed(at(0)));
        assert_eq!(breaker.permit(at(4)), Permit::Refused);
    }

    #[test]
    fn after_a_rest_one_call_tries_and_the_others_wait_for_it() {
        let mut breaker = broken();
        assert_eq!(breaker.permit(at(5)), Permit::Call);
        assert_eq!(breaker.permit(at(5)), Permit::Refused);
        breaker.succeeded();
        assert_eq!(breaker.permit(at(5)), Permit::Call);
        assert_eq!(breaker.permit(at(5)), Permit::Call);
    }

    #[test]
    fn a_failed_try_opens_it_again() {
        let mut breaker = broken();
        assert_eq!(breaker.permit(at(5)), Permit::Call);
        assert!(breaker.failed(at(5)));
        assert_eq!(breaker.permit(at(9)), Permit::Refused);
        assert_eq!(breaker.permit(at(10)), Permit::Call);
    }
}
