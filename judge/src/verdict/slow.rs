//! Readers work, and fall further behind: the one rule that queues and groups share.

use brokerscope_figures::format::{duration, rate};

use super::{Assessment, Window};
use crate::trend::Trend;
use crate::wording::{forecast, messages_wait, pace};
use brokerscope_contract::{Timestamp, Verdict};

/// A backlog worth less than this many seconds of work is no lag (small lag that pages people is Burrow's most
/// frequent complaint).
pub const ALLOWED_SECONDS: f64 = 10.0;

/// Where no rate tells what a backlog is worth in time, fewer messages than this are no lag.
pub const ALLOWED_MESSAGES: f64 = 100.0;

/// Whether `waiting` is so little that it needs nobody: less than [`ALLOWED_SECONDS`] of work at `pace` per second.
pub fn is_little(waiting: f64, pace: Option<f64>) -> bool {
    match pace {
        Some(pace) if pace > 0.0 => waiting <= pace * ALLOWED_SECONDS,
        Some(_) => false,
        None => waiting < ALLOWED_MESSAGES,
    }
}

/// Slow: over the whole span something waited, more than little, and it grows.
///
/// What is slow already stays so until it no longer grows at all (`was_slow`): the two sides of this verdict need
/// different thresholds, or noise around one of them would toggle it.
pub fn is_slow(window: &Window, was_slow: bool) -> Option<Trend> {
    let waiting = window.newest()?.waiting?;
    let trend = window.trend()?;
    let grows = if was_slow {
        trend.slope > 0.0 && trend.change > 0.0
    } else {
        trend.grows()
    };
    let always_waited = window.lowest().is_some_and(|least| least > 0.0);
    (window.is_full() && always_waited && grows && !is_little(waiting, window.taking_rate())).then_some(trend)
}

/// The readers of something that has no other rules, such as a stream.
pub fn judge(window: &Window, was_slow: bool) -> Option<Assessment> {
    let trend = is_slow(window, was_slow)?;
    let seen = window.newest()?;
    let paces = Paces {
        waiting: seen.waiting?,
        arriving: window.arrival_rate(),
        taking: window.taking_rate(),
    };
    let sentence = sentence("Readers acknowledge", paces, &trend, window.seconds(), seen.at);
    Some(Assessment::new(Verdict::Slow, sentence))
}

/// The numbers of a slow reader, of one window or summed over several.
#[derive(Debug, Clone, Copy)]
pub struct Paces {
    pub waiting: f64,
    pub arriving: Option<f64>,
    pub taking: Option<f64>,
}

/// "Consumers acknowledge 41/s, publishers send 55/s: 14/s stay behind; 12,480 messages wait, at this rate …".
pub fn sentence(who_takes: &str, paces: Paces, trend: &Trend, span: f64, now: Timestamp) -> String {
    let ahead = forecast(paces.waiting, trend, now).map_or(String::new(), |text| format!(", {text}"));
    let wait = messages_wait(paces.waiting);
    match (paces.arriving, paces.taking) {
        (Some(arriving), Some(taking)) if arriving > taking => format!(
            "{who_takes} {}, publishers send {}: {} stay behind; {wait}{ahead}.",
            pace(taking),
            rate(arriving),
            rate(arriving - taking),
        ),
        (_, Some(taking)) => format!(
            "{who_takes} {} and still fall behind: {wait}, {} more than {} ago{ahead}.",
            pace(taking),
            brokerscope_figures::format::count(trend.change),
            duration(span),
        ),
        _ => format!(
            "{wait}, {} more than {} ago{ahead}; what is taken out is not counted here.",
            brokerscope_figures::format::count(trend.change),
            duration(span),
        ),
    }
}
