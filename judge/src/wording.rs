//! The parts that sentences are made of: numbers with their nouns in the right form, and forecasts.

use brokerscope_contract::Timestamp;
use brokerscope_figures::format::{clock, count, duration, rate};

use crate::trend::Trend;

/// "1 message", "12,480 messages".
pub fn messages(n: f64) -> String {
    many(n, "message", "messages")
}

/// "1 message waits", "12,480 messages wait".
pub fn messages_wait(n: f64) -> String {
    format!("{} {}", messages(n), if is_one(n) { "waits" } else { "wait" })
}

/// "1 consumer", "4 consumers".
pub fn many(n: f64, one: &str, more: &str) -> String {
    format!("{} {}", count(n), if is_one(n) { one } else { more })
}

/// The form of a verb that fits `n`: "is" or "are".
pub fn verb<'a>(n: f64, one: &'a str, more: &'a str) -> &'a str {
    if is_one(n) { one } else { more }
}

fn is_one(n: f64) -> bool {
    count(n) == "1"
}

pub fn at(moment: Timestamp) -> String {
    clock(moment.0)
}

/// "for 12 min" of a stretch that ends now.
pub fn since(start: Timestamp, now: Timestamp) -> String {
    duration(now.seconds_since(start).max(0.0))
}

/// "a", "a and b", "a, b and 3 more".
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", count(rest.len() as f64)),
    }
}

/// "41/s", or "nothing" for a measured zero.
pub fn pace(per_second: f64) -> String {
    if per_second == 0.0 {
        "nothing".into()
    } else {
        rate(per_second)
    }
}

/// "; at this rate 100,000 messages at 05:20 UTC": when the next power of ten is reached, if that is within a day
/// and the line carries that far.
pub fn forecast(waiting: f64, trend: &Trend, now: Timestamp) -> Option<String> {
    if !trend.foretells() || trend.slope <= 0.0 || waiting < 1.0 {
        return None;
    }
    // At least twice of what waits now: "100,000" is no news for a backlog of 99,000.
    let mark = 10_f64.powf((2.0 * waiting).log10().ceil());
    let seconds = (mark - waiting) / trend.slope;
    (seconds <= 86_400.0).then(|| {
        let then = now.plus_millis((seconds * 1_000.0) as i64);
        format!("at this rate {} messages at {}", count(mark), at(then))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(messages_wait(1.0), "1 message waits");
        assert_eq!(messages_wait(12_480.0), "12,480 messages wait");
        assert_eq!(many(0.0, "consumer", "consumers"), "0 consumers");
        assert_eq!(
            list(&["a".into(), "b".into(), "c".into(), "d".into()]),
            "a, b and 2 more"
        );
    }

    #[test]
    fn a_forecast_names_the_next_round_number_within_a_day() {
        let trend = |slope, points| Trend {
            slope,
            r2: 0.9,
            points,
            never_fell: true,
            change: 1.0,
        };
        let text = forecast(12_480.0, &trend(14.0, 10), Timestamp(0)).unwrap();
        assert_eq!(text, "at this rate 100,000 messages at 01:44\u{a0}UTC");
        assert_eq!(
            forecast(12_480.0, &trend(14.0, 9), Timestamp(0)),
            None,
            "too few points"
        );
        assert_eq!(forecast(12_480.0, &trend(0.1, 10), Timestamp(0)), None, "too far away");
        assert_eq!(forecast(12_480.0, &trend(-1.0, 10), Timestamp(0)), None);
    }
}
