//! The verdict on a queue, from what its last visits saw: the rules in their order.

use brokerscope_contract::{Absence, Timestamp, Verdict};
use brokerscope_figures::format::{duration, rate};

use super::slow::{self, Paces, is_little};
use super::window::SPAN_SECONDS;
use super::{Assessment, Observation, Window};
use crate::wording::{at, many, messages, messages_wait, pace, since, verb};

/// What the rules look at.
#[derive(Debug)]
pub struct Case<'a> {
    pub window: &'a Window,
    /// Why there is no depth, where there is none.
    pub absent: Option<Absence>,
    /// The verdict that stands.
    pub was: Option<Verdict>,
}

/// Readers that hold all they may and acknowledge nothing are told after this long: a full prefetch that stands
/// still is a stronger sign than a depth that does.
const HELD_SECONDS: f64 = 45.0;
const HELD_VISITS: u32 = 3;

/// The first rule that speaks wins.
pub fn judge(case: &Case<'_>) -> Assessment {
    let Some(seen) = case.window.newest() else {
        return unknown_depth(case);
    };
    let Some(waiting) = seen.waiting else {
        return unknown_depth(case);
    };
    const RULES: &[Rule] = &[
        nothing_waits,
        no_consumer,
        not_consuming,
        keeps_up,
        stalled,
        slow_readers,
        undecided,
    ];
    let facts = Facts {
        window: case.window,
        seen,
        waiting,
        was: case.was,
    };
    RULES
        .iter()
        .find_map(|rule| rule(&facts))
        .unwrap_or_else(|| works_on_it(&facts))
}

type Rule = fn(&Facts<'_>) -> Option<Assessment>;

struct Facts<'a> {
    window: &'a Window,
    seen: &'a Observation,
    waiting: f64,
    was: Option<Verdict>,
}

impl Facts<'_> {
    fn now(&self) -> Timestamp {
        self.seen.at
    }

    fn has_readers(&self) -> bool {
        self.seen.consumers.is_some_and(|n| n > 0.0)
    }

    /// Seconds since anything was acknowledged, when that is known; and on how many visits that was seen.
    fn stillness(&self) -> (f64, u32) {
        self.window.motion.stillness()
    }

    /// Whether stillness means that nothing was taken. Where acknowledgements are not counted the numbers themselves must not have moved: a depth
    /// that never fell, and stands quite still where arrivals are not counted either (AMQP 1.0 fills no counter).
    fn nothing_taken(&self) -> bool {
        if self.window.motion.is_counted() {
            return true;
        }
        let Some(trend) = self.window.trend() else { return false };
        let held_still = {
            let mut held = self.window.span().map(|seen| seen.in_flight);
            let first = held.next();
            held.all(|now| Some(now) == first)
        };
        trend.never_fell && held_still && (self.seen.arrived.is_some() || trend.change == 0.0)
    }
}

/// Depth is not known: say why.
fn unknown_depth(case: &Case<'_>) -> Assessment {
    let why = case.absent.unwrap_or(Absence::NoData);
    let sentence = match why {
        Absence::NoData => "How many messages wait has not been measured yet.".into(),
        _ => format!("How many messages wait is not known: {}.", why.label()),
    };
    Assessment::unknown(why, sentence)
}

/// Nothing waits: ok, whoever reads.
fn nothing_waits(facts: &Facts<'_>) -> Option<Assessment> {
    if facts.waiting > 0.0 {
        return None;
    }
    Some(Assessment::ok(
        match (facts.seen.consumers, facts.window.taking_rate()) {
            (Some(n), Some(taking)) if n > 0.0 && taking > 0.0 => {
                format!(
                    "Nothing waits: {} {} {}.",
                    many(n, "consumer", "consumers"),
                    verb(n, "acknowledges", "acknowledge"),
                    rate(taking),
                )
            }
            (Some(n), _) if n > 0.0 => {
                format!(
                    "Nothing waits; {} {} connected.",
                    many(n, "consumer", "consumers"),
                    verb(n, "is", "are")
                )
            }
            (Some(_), _) => "Nothing waits and nobody reads.".into(),
            (None, _) => "Nothing waits.".into(),
        },
    ))
}

/// No consumer: messages wait and nobody reads. Obvious from one visit.
fn no_consumer(facts: &Facts<'_>) -> Option<Assessment> {
    if facts.seen.consumers != Some(0.0) {
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
fn not_consuming(facts: &Facts<'_>) -> Option<Assessment> {
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

/// So little waits, at the pace of the readers, that it needs nobody. Obvious from two visits.
fn keeps_up(facts: &Facts<'_>) -> Option<Assessment> {
    let taking = facts.window.taking_rate().filter(|taking| *taking > 0.0)?;
    is_little(facts.waiting, Some(taking)).then(|| {
        Assessment::ok(format!(
            "Keeps up: {} acknowledged, {} or {} of work.",
            rate(taking),
            messages_wait(facts.waiting),
            duration(facts.waiting / taking),
        ))
    })
}

/// Stalled: readers are connected, messages wait all the time, and none was acknowledged.
fn stalled(facts: &Facts<'_>) -> Option<Assessment> {
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
    format!("{} {}", brokerscope_figures::format::count(n), verb(n, "is", "are"))
}

/// Slow: acknowledged, and still more waits each time.
fn slow_readers(facts: &Facts<'_>) -> Option<Assessment> {
    let trend = slow::is_slow(facts.window, facts.was == Some(Verdict::Slow))?;
    let paces = Paces {
        waiting: facts.waiting,
        arriving: facts.window.arrival_rate(),
        taking: facts.window.taking_rate(),
    };
    Some(Assessment::new(
        Verdict::Slow,
        slow::sentence(
            "Consumers acknowledge",
            paces,
            &trend,
            facts.window.seconds(),
            facts.now(),
        ),
    ))
}

/// Not enough visits to judge by change.
fn undecided(facts: &Facts<'_>) -> Option<Assessment> {
    if facts.window.is_full() {
        return None;
    }
    Some(Assessment::undecided(watching(facts.waiting, facts.window)))
}

/// "12,480 messages wait; watching since 02:41 UTC, needs 9 more visits to judge."
pub(super) fn watching(waiting: f64, window: &Window) -> String {
    let more = match window.visits_to_full() {
        Some(n) => many(f64::from(n), "more visit", "more visits"),
        None => "a few more visits".into(),
    };
    format!(
        "{}; watching since {}, needs {more} to judge.",
        messages_wait(waiting),
        at(window.began())
    )
}

/// Something waits and is worked on.
fn works_on_it(facts: &Facts<'_>) -> Assessment {
    let wait = messages_wait(facts.waiting);
    let (taking, arriving) = (facts.window.taking_rate(), facts.window.arrival_rate());
    if let (Some(taking), Some(drain)) = (taking, crate::derive::drain_seconds(facts.window)) {
        let is = verb(facts.waiting, "is", "are");
        let (pace, drain) = (pace(taking), duration(drain));
        return Assessment::ok(format!(
            "{wait} and {is} being worked off: {pace} acknowledged, empty in {drain}."
        ));
    }
    Assessment::ok(match (taking, arriving) {
        (Some(taking), Some(arriving)) => {
            format!(
                "{wait} and no more than before: {} in, {} out.",
                pace(arriving),
                pace(taking)
            )
        }
        (Some(taking), None) => format!("{wait} and no more than before: {} acknowledged.", pace(taking)),
        (None, _) => format!(
            "{wait} and no more than {} ago; {}.",
            since(first(facts), facts.now()),
            facts.readers_say()
        ),
    })
}

fn first(facts: &Facts<'_>) -> Timestamp {
    facts.window.span().next().map_or(facts.now(), |seen| seen.at)
}

impl Facts<'_> {
    fn readers_say(&self) -> String {
        match self.seen.consumers {
            Some(n) => format!(
                "{} {} connected",
                many(n, "consumer", "consumers"),
                verb(n, "is", "are")
            ),
            None => "readers are not known".into(),
        }
    }
}
