//! The rules that find something wrong with how a queue is read.

use brokerscope_contract::Verdict;
use brokerscope_figures::format::{count, duration, rate};

use super::Facts;
use crate::verdict::Assessment;
use crate::verdict::slow::{self, Paces};
use crate::verdict::window::SPAN_SECONDS;
use crate::wording::{at, many, messages, messages_wait, verb};

/// Readers that hold all they may and acknowledge nothing are told after this long: a full prefetch that stands
/// still is a stronger sign than a depth that does.
const HELD_SECONDS: f64 = 45.0;
const HELD_VISITS: u32 = 3;

/// No consumer: messages wait and nobody reads. Obvious from one visit. Who fetches one by one is no consumer to the
/// broker, and reads: then the other rules speak.
pub fn no_consumer(facts: &Facts<'_>) -> Option<Assessment> {
    if facts.seen.consumers != Some(0.0) || facts.fetched().is_some() {
        return None;
    }
    let wait = messages_wait(facts.waiting);
    let arriving = match facts.window.arrival_rate() {
        Some(arriving) if arriving > 0.0 => format!(", {} arrive", rate(arriving)),
        _ => String::new(),
    };
    let (who, since) = match facts.window.motion.left {
        Some((n, when)) if n > 1.0 => (
            format!("its {} left at {}", many(n, "consumer", "consumers"), at(when)),
            Some(when),
        ),
        Some((_, when)) => (format!("its last consumer left at {}", at(when)), Some(when)),
        // A cloud knows no connections, only who asked.
        None if facts.seen.late.is_some() => ("nobody asks for them".into(), None),
        None => ("no consumer is connected".into(), None),
    };
    Some(
        Assessment::new(
            Verdict::NoConsumer,
            format!("{wait}{arriving} and nobody reads: {who}."),
        )
        .since(since),
    )
}

/// Connected, not consuming: the readers hold all that they may, and acknowledge nothing.
pub fn not_consuming(facts: &Facts<'_>) -> Option<Assessment> {
    let (held, limit) = (facts.seen.in_flight?, facts.seen.in_flight_limit?);
    let (still, visits) = facts.stillness();
    let long_enough = still >= facts.window.motion.patience(HELD_SECONDS) && visits >= HELD_VISITS;
    if !facts.has_readers() || limit <= 0.0 || held < limit || !long_enough || !facts.nothing_taken() {
        return None;
    }
    let readers = facts.seen.consumers.unwrap_or(1.0);
    Some(
        Assessment::new(
            Verdict::NotConsuming,
            format!(
                "{} {} {} unacknowledged, all that {} may, and acknowledged nothing for {} while {}.",
                many(readers, "consumer", "consumers"),
                verb(readers, "holds", "hold"),
                messages(held),
                verb(readers, "it", "they"),
                duration(still),
                messages_wait(facts.waiting),
            ),
        )
        .since(facts.window.motion.still_since()),
    )
}

/// Stalled: readers are connected, messages wait all the time, and none was acknowledged.
pub fn stalled(facts: &Facts<'_>) -> Option<Assessment> {
    let (still, _) = facts.stillness();
    let always_waited = facts.window.lowest().is_some_and(|least| least > 0.0);
    if !facts.has_readers()
        || !facts.window.motion.is_counted()
        || !facts.window.is_full()
        || !always_waited
        || still < facts.window.motion.patience(0.9 * SPAN_SECONDS)
    {
        return None;
    }
    let n = facts.seen.consumers.unwrap_or(1.0);
    let held = facts
        .seen
        .in_flight
        .map_or(String::new(), |held| format!(" and {} in flight", messages_are(held)));
    Some(
        Assessment::new(
            Verdict::Stalled,
            format!(
                "Nothing was acknowledged for {} although {} {} connected; {}{held}.",
                duration(still),
                many(n, "consumer", "consumers"),
                verb(n, "is", "are"),
                messages_wait(facts.waiting),
            ),
        )
        .since(facts.window.motion.still_since()),
    )
}

fn messages_are(n: f64) -> String {
    format!("{} {}", count(n), verb(n, "is", "are"))
}

/// Slow: acknowledged, and still more waits each time.
pub fn slow_readers(facts: &Facts<'_>) -> Option<Assessment> {
    let trend = slow::is_slow(facts.window, facts.was == Some(Verdict::Slow))?;
    let paces = Paces {
        waiting: facts.waiting,
        arriving: facts.window.arrival_rate(),
        taking: facts.window.taking_rate(),
    };
    let who_takes = match facts.fetched() {
        Some(_) => "Readers fetch",
        None => "Consumers acknowledge",
    };
    Some(Assessment::new(
        Verdict::Slow,
        slow::sentence(who_takes, paces, &trend, facts.window.seconds(), facts.now()),
    ))
}
