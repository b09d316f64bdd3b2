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
    round: Round,
}

/// Calls between two changes of the breaker. What a call of an earlier one learns comes too late to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// The call may be made. Its outcome has to be told, with this.
    Call(Round),
    /// Nobody is asked now.
    Refused,
}

impl Breaker {
    pub fn permit(&mut self, now: Duration) -> Permit {
        match self.open_until {
            None => Permit::Call(self.round),
            Some(until) if now >= until && !self.trying => {
                self.trying = true;
                Permit::Call(self.round)
            }
            Some(_) => Permit::Refused,
        }
    }

    pub fn succeeded(&mut self, call: Round) {
        if call == self.round {
            self.failures = 0;
            self.open_until = None;
            self.trying = false;
        }
    }

    /// True when this failure opened it, or kept it open.
    pub fn failed(&mut self, call: Round, now: Duration) -> bool {
        if call != self.round {
            return false;
        }
        self.failures += 1;
        let opens = self.trying || self.failures >= FAILURES;
        if opens {
            self.open_until = Some(now + REST);
            self.trying = false;
            self.round.0 += 1;
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

    /// A call that must be permitted.
    fn call(breaker: &mut Breaker, seconds: u64) -> Round {
        match breaker.permit(at(seconds)) {
            Permit::Call(round) => round,
            Permit::Refused => panic!("refused after {seconds} s"),
        }
    }

    fn broken() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            let round = call(&mut breaker, 0);
            breaker.failed(round, at(0));
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            let round = call(&mut breaker, 0);
            assert!(!breaker.failed(round, at(0)));
        }
        let round = call(&mut breaker, 0);
        breaker.succeeded(round);
        for _ in 1..FAILURES {
            let round = call(&mut breaker, 0);
            assert!(!breaker.failed(round, at(0)));
        }
        let round = call(&mut breaker, 0);
        assert!(breaker.failed(round, at(0)));
        assert_eq!(breaker.permit(at(4)), Permit::Refused);
    }

    #[test]
    fn after_a_rest_one_call_tries_and_the_others_wait_for_it() {
        let mut breaker = broken();
        let trying = call(&mut breaker, 5);
        assert_eq!(breaker.permit(at(5)), Permit::Refused);
        breaker.succeeded(trying);
        call(&mut breaker, 5);
        call(&mut breaker, 5);
    }

    #[test]
    fn a_failed_try_opens_it_again() {
        let mut breaker = broken();
        let trying = call(&mut breaker, 5);
        assert!(breaker.failed(trying, at(5)));
        assert_eq!(breaker.permit(at(9)), Permit::Refused);
        call(&mut breaker, 10);
    }

    #[test]
    fn what_earlier_calls_learn_neither_closes_it_nor_keeps_it_open_longer() {
        let mut breaker = Breaker::default();
        let slow = call(&mut breaker, 0);
        for _ in 0..FAILURES {
            let round = call(&mut breaker, 0);
            breaker.failed(round, at(0));
        }
        breaker.succeeded(slow);
        assert_eq!(breaker.permit(at(4)), Permit::Refused, "a late success");
        assert!(!breaker.failed(slow, at(4)));
        let trying = call(&mut breaker, 5);
        assert!(!breaker.failed(slow, at(5)), "a late failure is not the try's");
        breaker.succeeded(trying);
        call(&mut breaker, 5);
    }
}
