//! How long a retry waits: exponentially longer each time, with jitter so that retries do not come in waves.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);

/// The wait before retry number `attempt`, which counts from 1. `chance` from 0 to 1 chooses within the upper half.
pub fn delay(attempt: u32, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    doubled.min(LONGEST).mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_a_limit() {
        let waits: Vec<u128> = (0..=7).map(|attempt| delay(attempt, 1.0).as_millis()).collect();
        assert_eq!(waits, [500, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(delay(3, 0.0).as_millis(), 1_000);
    }

    proptest! {
        #[test]
        fn no_wait_is_nothing_or_for_ever(attempt: u32, chance in -1.0..2.0) {
            let wait = delay(attempt, chance);
            prop_assert!(wait >= FIRST / 2 && wait <= LONGEST);
        }
    }
}
