//! What is said about a queue with which nothing is wrong, or of which too little is known.

use brokerscope_contract::{Absence, Timestamp};
use brokerscope_figures::format::{duration, rate};

use super::{Case, Facts};
use crate::derive::drain_seconds;
use crate::verdict::slow::is_little;
use crate::verdict::{Assessment, Window};
use crate::wording::{at, many, messages_wait, pace, since, verb};

/// Depth is not known: say why.
pub fn unknown_depth(case: &Case<'_>) -> Assessment {
    let why = case.absent.unwrap_or(Absence::NoData);
    let sentence = match why {
        Absence::NoData => "How many messages wait has not been measured yet.".into(),
        _ => format!("How many messages wait is not known: {}.", why.label()),
    };
    Assessment::unknown(why, sentence)
}

/// Nothing waits: ok, whoever reads.
pub fn nothing_waits(facts: &Facts<'_>) -> Option<Assessment> {
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
            (Some(_), _) => match facts.fetched() {
                Some(fetched) => format!(
                    "Nothing waits; no consumer is connected, but {} are fetched.",
                    rate(fetched)
                ),
                None => "Nothing waits and nobody reads.".into(),
            },
            (None, _) => "Nothing waits.".into(),
        },
    ))
}

/// So little waits, at the pace of the readers, that it needs nobody. Obvious from two visits.
pub fn keeps_up(facts: &Facts<'_>) -> Option<Assessment> {
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

/// Not enough visits to judge by change.
pub fn undecided(facts: &Facts<'_>) -> Option<Assessment> {
    if facts.window.is_full() {
        return None;
    }
    Some(Assessment::undecided(watching(facts.waiting, facts.window)))
}

/// "12,480 messages wait; watching since 02:41 UTC, needs 9 more visits to judge."
pub(in crate::verdict) fn watching(waiting: f64, window: &Window) -> String {
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
pub fn works_on_it(facts: &Facts<'_>) -> Assessment {
    let wait = messages_wait(facts.waiting);
    let (taking, arriving) = (facts.window.taking_rate(), facts.window.arrival_rate());
    if let (Some(taking), Some(drain)) = (taking, drain_seconds(facts.window)) {
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
