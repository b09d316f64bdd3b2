//! How long a project's figures are left alone after Google said that the quota is used up.

use brokerscope_contract::Timestamp;

/// The first rest; each further refusal in a row doubles it.
const SHORTEST_MILLIS: i64 = 60_000;
const LONGEST_MILLIS: i64 = 30 * 60_000;

#[derive(Debug, Clone, Copy, Default)]
pub struct Quota {
    refusals: u32,
    rests_until: Option<Timestamp>,
}

impl Quota {
    pub fn rests(&self, at: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| at < until)
    }

    /// Another refusal. `jitter` from 0 to 1 spreads what many watchers of one project would do at once.
    pub fn refused(&mut self, at: Timestamp, retry_after: Option<u64>, jitter: f64) {
        // Refusals of the same visit are one.
        if self.rests(at) {
            return;
        }
        let doubled = SHORTEST_MILLIS << self.refusals.min(5);
        self.refusals = self.refusals.saturating_add(1);
        #[expect(clippy::cast_possible_truncation, reason = "a share of half an hour")]
        let spread = (doubled as f64 * 0.5 * jitter) as i64;
        let wanted = retry_after.map_or(0, |seconds| i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000));
        let rest = (doubled + spread).max(wanted).min(LONGEST_MILLIS);
        self.rests_until = Some(at.plus_millis(rest));
    }

    pub fn answered(&mut self) {
        *self = Quota::default();
    }

    /// Seconds until it is asked again.
    pub fn rest_seconds(&self, at: Timestamp) -> f64 {
        self.rests_until.map_or(0.0, |until| until.seconds_since(at).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_in_a_row_doubles_the_rest_up_to_a_bound() {
        let mut quota = Quota::default();
        let mut at = Timestamp(0);
        let rests: Vec<f64> = (0..7)
            .map(|_| {
                quota.refused(at, None, 0.0);
                let rest = quota.rest_seconds(at);
                at = quota.rests_until.unwrap();
                rest
            })
            .collect();
        assert_eq!(rests, [60.0, 120.0, 240.0, 480.0, 960.0, 1_800.0, 1_800.0]);
        quota.answered();
        quota.refused(at, None, 1.0);
        assert_eq!(quota.rest_seconds(at), 90.0, "half as long again by chance");
    }

    #[test]
    fn what_google_asks_for_is_respected_within_bounds() {
        for (asked, expected) in [(10, 60.0), (600, 600.0), (u64::MAX, 60.0), (86_400, 1_800.0)] {
            let mut quota = Quota::default();
            quota.refused(Timestamp(0), Some(asked), 0.0);
            assert_eq!(quota.rest_seconds(Timestamp(0)), expected, "{asked}");
        }
    }
}
