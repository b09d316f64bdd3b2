//! Whether the clock jumped between two visits: the time of day against a clock that only goes forward.

use std::time::Duration;

use brokerscope_contract::Timestamp;

/// Clocks that are kept in step differ by less; a person or a virtual machine that was asleep moves them by more.
const JUMP_MILLIS: i64 = 60_000;

/// Remembers both clocks as they were at the last visit of any connection.
#[derive(Debug, Default)]
pub struct Steps(Option<(Timestamp, Duration)>);

impl Steps {
    /// Whether the time of day went another way than `steady`, the time since any fixed moment.
    pub fn jumped(&mut self, now: Timestamp, steady: Duration) -> bool {
        let before = self.0.replace((now, steady));
        before.is_some_and(|(then, earlier)| {
            let passed = i64::try_from(steady.saturating_sub(earlier).as_millis()).unwrap_or(i64::MAX);
            now.millis_since(then).saturating_sub(passed).saturating_abs() > JUMP_MILLIS
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_its_own_way_has_jumped() {
        let mut steps = Steps::default();
        let mut at = |seconds: i64, steady: u64| steps.jumped(Timestamp(seconds * 1_000), Duration::from_secs(steady));
        assert!(!at(1_000, 5), "nothing to compare with");
        assert!(!at(1_015, 20));
        assert!(!at(5_015, 4_020), "a long pause of both is no jump");
        assert!(at(9_000, 4_035), "ahead");
        assert!(!at(9_015, 4_050), "and on from there");
        assert!(at(2_000, 4_065), "back");
    }
}
