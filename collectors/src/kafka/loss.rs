//! How close retention is to removing messages that a group has not read: pure arithmetic.

use brokerscope_contract::Timestamp;

use super::wire::TopicConfig;

/// A trend is measured from a reading at least this old.
const TREND_MILLIS: i64 = 60_000;
/// Slower growth of the lag than this share of real time is as good as none.
const STEADY: f64 = 0.05;

/// One reader's place in one partition on one visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub at: Timestamp,
    pub committed: i64,
    pub end: i64,
    /// The oldest message that the log still has.
    pub start: i64,
    /// Lag in time, when it is known well enough to calculate with.
    pub seconds: Option<f64>,
}

impl Place {
    fn lag(&self) -> i64 {
        (self.end - self.committed).max(0)
    }

    /// Unread messages as a share of what the log holds; above 1 some were removed unread.
    ///
    /// A log that holds nothing is counted as holding one message: with unread ones, all of them are gone.
    pub fn retention_ratio(&self) -> f64 {
        self.lag() as f64 / (self.end - self.start).max(1) as f64
    }

    /// Messages that were removed before they were read.
    pub fn lost(&self) -> i64 {
        (self.start - self.committed).max(0)
    }
}

/// When a topic removes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// After this age, in milliseconds.
    pub millis: Option<i64>,
    /// Beyond this size.
    pub by_size: bool,
}

impl Retention {
    /// Nothing for topics that are only compacted, which remove messages for other reasons than age or size.
    pub fn of(config: &TopicConfig) -> Retention {
        let deletes = config
            .text("cleanup.policy")
            .is_some_and(|policy| policy.split(',').any(|word| word.trim() == "delete"));
        let limit = |name| config.number(name).filter(|limit| deletes && *limit >= 0);
        Retention {
            millis: limit("retention.ms"),
            by_size: limit("retention.bytes").is_some(),
        }
    }
}

/// Remembers a reader's place long enough to see where it is heading.
#[derive(Debug, Clone, Default)]
pub struct Trend {
    /// At least [`TREND_MILLIS`] before the newest reading, once there is one that old.
    old: Option<Place>,
    recent: Option<Place>,
}

impl Trend {
    /// Takes in the place on this visit and tells the seconds until unread messages are removed, at the present
    /// rates. `None` when that is not in sight: nothing is unread, the reader catches up, or too little is known.
    pub fn loss_seconds(&mut self, place: Place, retention: Retention) -> Option<f64> {
        let old = self.step(place);
        if place.lag() == 0 {
            return None;
        }
        if place.lost() > 0 {
            return Some(0.0);
        }
        let old = old?;
        let passed = place.at.seconds_since(old.at);
        let by_age = by_age(old, place, passed, retention);
        // The start has moved, so retention is at work, and each message more of lag is one less of margin.
        let growth = (place.lag() - old.lag()) as f64 / passed;
        let removing = place.start > old.start && (retention.by_size || retention.millis.is_some());
        let by_margin = (removing && growth > 0.0).then(|| (place.committed - place.start) as f64 / growth);
        match (by_age, by_margin) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn step(&mut self, place: Place) -> Option<Place> {
        match self.recent {
            None => self.recent = Some(place),
            // The clock went back, or the log is another one: what was remembered is worthless.
            Some(recent) if place.at < recent.at || place.end < recent.end => {
                *self = Trend {
                    old: None,
                    recent: Some(place),
                };
            }
            Some(recent) if place.at.millis_since(recent.at) >= TREND_MILLIS => {
                self.old = Some(recent);
                self.recent = Some(place);
            }
            Some(_) => {}
        }
        self.old
    }
}

/// The age left before the limit, divided by how fast the reader's place ages: 1 when it stands still.
fn by_age(old: Place, place: Place, passed: f64, retention: Retention) -> Option<f64> {
    let limit = retention.millis? as f64 / 1000.0;
    let (now, before) = (place.seconds?, old.seconds?);
    let speed = (now - before) / passed;
    (speed > STEADY).then(|| (limit - now).max(0.0) / speed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(at: i64, committed: i64, end: i64, start: i64, seconds: f64) -> Place {
        Place {
            at: Timestamp(at * 1_000),
            committed,
            end,
            start,
            seconds: Some(seconds),
        }
    }

    const DAY: Retention = Retention {
        millis: Some(86_400_000),
        by_size: false,
    };
    const SIZE: Retention = Retention {
        millis: None,
        by_size: true,
    };

    #[test]
    fn time_to_loss_follows_where_the_reader_is_heading() {
        for (name, before, now, retention, expected) in [
            (
                "stands still",
                place(0, 10, 100, 0, 40.0),
                place(100, 10, 200, 0, 140.0),
                DAY,
                Some(86_260.0),
            ),
            (
                "falls behind at half speed",
                place(0, 10, 100, 0, 0.0),
                place(100, 60, 200, 0, 50.0),
                DAY,
                Some(172_700.0),
            ),
            (
                "catches up",
                place(0, 10, 100, 0, 140.0),
                place(100, 150, 200, 0, 40.0),
                DAY,
                None,
            ),
            (
                "has read all",
                place(0, 10, 100, 0, 40.0),
                place(100, 200, 200, 0, 0.0),
                DAY,
                None,
            ),
            (
                "has lost some",
                place(0, 10, 100, 0, 40.0),
                place(100, 10, 200, 20, 140.0),
                DAY,
                Some(0.0),
            ),
            (
                "nothing is removed",
                place(0, 10, 100, 0, 40.0),
                place(100, 10, 200, 0, 140.0),
                Retention::default(),
                None,
            ),
            (
                "size limit at work",
                place(0, 50, 100, 0, 1.0),
                place(100, 50, 200, 40, 101.0),
                SIZE,
                Some(10.0),
            ),
            (
                "size limit not reached",
                place(0, 50, 100, 0, 1.0),
                place(100, 50, 200, 0, 101.0),
                SIZE,
                None,
            ),
        ] {
            let mut trend = Trend::default();
            trend.loss_seconds(before, retention);
            assert_eq!(trend.loss_seconds(now, retention), expected, "{name}");
        }
    }

    #[test]
    fn two_visits_close_together_are_no_trend() {
        let mut trend = Trend::default();
        trend.loss_seconds(place(0, 10, 100, 0, 40.0), DAY);
        assert_eq!(trend.loss_seconds(place(15, 10, 120, 0, 55.0), DAY), None);
    }

    #[test]
    fn the_ratio_is_above_one_only_when_messages_are_lost() {
        for (committed, end, start, expected) in [
            (0, 100, 0, 1.0),
            (50, 100, 0, 0.5),
            (10, 100, 50, 1.8),
            (100, 100, 100, 0.0),
        ] {
            assert_eq!(place(0, committed, end, start, 0.0).retention_ratio(), expected);
        }
        assert!(
            place(0, 10, 100, 100, 0.0).retention_ratio() > 1.0,
            "an empty log, and 90 were never read"
        );
    }

    #[test]
    fn retention_counts_only_where_messages_are_deleted() {
        let config = |text: &str| -> TopicConfig { serde_json::from_str(text).unwrap() };
        let of = |policy: &str, ms: &str| {
            let value = |v: &str| format!(r#"{{"value": "{v}", "own": true}}"#);
            Retention::of(&config(&format!(
                r#"{{"entries": {{"cleanup.policy": {}, "retention.ms": {}}}}}"#,
                value(policy),
                value(ms)
            )))
        };
        assert_eq!(of("delete", "1000").millis, Some(1_000));
        assert_eq!(of("compact,delete", "1000").millis, Some(1_000));
        assert_eq!(of("compact", "1000").millis, None);
        assert_eq!(of("delete", "-1").millis, None);
    }

    proptest! {
        #[test]
        fn it_is_never_negative_and_never_infinite(
            places in prop::collection::vec((1_i64..200, 0_i64..500, 0_i64..500, 0_i64..500, 0.0_f64..1e6), 1..20)
        ) {
            let (mut trend, mut at) = (Trend::default(), 0);
            for (step, committed, end, start, seconds) in places {
                at += step;
                let retention = Retention { millis: Some(1_000_000), by_size: true };
                if let Some(loss) = trend.loss_seconds(place(at, committed, end, start, seconds), retention) {
                    prop_assert!(loss.is_finite() && loss >= 0.0);
                }
            }
        }
    }
}
