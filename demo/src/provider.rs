//! The payment provider, which is not real: how long it takes, and what it answers.

use std::time::Duration;

use crate::faults::{Fault, Faults};

/// One in so many cards is refused.
const REFUSED_ONE_IN: u8 = 20;
/// One call in so many fails for no reason, as happens with any provider; the retry succeeds.
const FAILS_ONE_IN: u8 = 64;
const USUAL: Duration = Duration::from_millis(12);
const SLOW: Duration = Duration::from_millis(900);
/// Until a provider that is down has refused the connection.
const DOWN: Duration = Duration::from_millis(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Charged,
    /// The card is not good; trying again would not help.
    Refused,
    /// The provider did not answer properly; trying again may help.
    Failed,
}

/// How it behaves under these faults. `chance` is random, from 0 to 255.
pub fn answer(faults: Faults, chance: u8) -> (Duration, Answer) {
    if faults.has(Fault::PaymentDown) {
        return (DOWN, Answer::Failed);
    }
    let wait = if faults.has(Fault::PaymentSlow) { SLOW } else { USUAL };
    if chance % FAILS_ONE_IN == 1 {
        return (wait, Answer::Failed);
    }
    // Retries without back-off need something to retry.
    if faults.has(Fault::RetryStorm) && chance % 4 == 1 {
        return (wait, Answer::Failed);
    }
    let refused = chance.is_multiple_of(REFUSED_ONE_IN);
    (wait, if refused { Answer::Refused } else { Answer::Charged })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_cards_are_refused_and_faults_show() {
        let answers = |faults: Faults| (0..=u8::MAX).map(move |chance| answer(faults, chance));
        let count = |faults, wanted| answers(faults).filter(|(_, answer)| *answer == wanted).count();
        let well = Faults::default();
        assert_eq!((count(well, Answer::Refused), count(well, Answer::Failed)), (13, 4));
        assert_eq!(count(well.with(Fault::PaymentDown, true), Answer::Failed), 256);
        assert_eq!(count(well.with(Fault::RetryStorm, true), Answer::Failed), 64);
        assert!(answers(well.with(Fault::PaymentSlow, true)).all(|(wait, _)| wait == SLOW));
    }
}
