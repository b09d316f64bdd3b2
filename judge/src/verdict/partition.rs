//! The state of one partition as a group reads it: Burrow's rules, on polled offsets and with fixed time windows.
//!
//! Burrow looks at commits; commits cannot be read where `__consumer_offsets` is closed, so the offset is polled. What
//! polling cannot see (a commit of the same offset again) is told by membership instead: standing still with members is
//! stalled, without members stopped.

use brokerscope_contract::Timestamp;

use super::slow::{is_little, is_slow};
use super::window::SPAN_SECONDS;
use super::{Observation, Window};
use crate::trend::Trend;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    /// Its lag is not known.
    NoData,
    /// Messages wait, and there were too few visits to say what that means.
    Undecided,
    Ok,
    Slow(Trend),
    NoConsumer,
    Rewound(Rewind),
    Stalled,
    Stopped,
}

/// A position that went back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rewind {
    pub from: f64,
    pub to: f64,
    /// The first visit that saw it.
    pub at: Timestamp,
}

/// The first rule that speaks wins. `members` are those of the whole group.
pub fn judge(window: &Window, members: Option<f64>, was_slow: bool) -> State {
    let Some(seen) = window.newest() else {
        return State::NoData;
    };
    let Some(lag) = seen.waiting else { return State::NoData };
    let facts = Facts {
        window,
        seen,
        lag,
        members,
        was_slow,
    };
    const RULES: &[fn(&Facts<'_>) -> Option<State>] = &[
        no_lag,
        nobody_there,
        rewound,
        little_lag,
        caught_up_lately,
        stands_still,
        falls_behind,
        undecided,
    ];
    RULES.iter().find_map(|rule| rule(&facts)).unwrap_or(State::Ok)
}

struct Facts<'a> {
    window: &'a Window,
    seen: &'a Observation,
    lag: f64,
    members: Option<f64>,
    was_slow: bool,
}

impl Facts<'_> {
    /// Messages that arrived while the position stood still.
    fn arrived_meanwhile(&self) -> f64 {
        self.window.motion.arrived_meanwhile(self.seen).unwrap_or(0.0)
    }

    /// The position did not move through the whole window; for slow committers through several of their own gaps.
    fn stood_still(&self) -> bool {
        let (still, _) = self.window.motion.stillness();
        self.window.is_full() && still >= self.window.motion.patience(0.9 * SPAN_SECONDS)
    }
}

/// No lag: ok. One message that stays while nothing arrives is the end marker of a transaction, which takes an offset
/// that many readers never commit.
fn no_lag(facts: &Facts<'_>) -> Option<State> {
    let marker = facts.lag <= 1.0 && facts.arrived_meanwhile() == 0.0;
    (facts.lag <= 0.0 || marker).then_some(State::Ok)
}

/// No members: stopped when messages kept arriving through the whole window, otherwise no consumer.
fn nobody_there(facts: &Facts<'_>) -> Option<State> {
    if facts.members != Some(0.0) {
        return None;
    }
    let missed = facts.stood_still() && facts.arrived_meanwhile() > 0.0;
    Some(if missed { State::Stopped } else { State::NoConsumer })
}

/// Rewound: the position fell below an earlier one and has not regained it.
fn rewound(facts: &Facts<'_>) -> Option<State> {
    let now = facts.seen.taken?;
    let mut positions = facts.window.span().filter_map(|seen| Some((seen.at, seen.taken?)));
    let mut before = positions.next()?;
    let mut found = None;
    for next in positions {
        if next.1 < before.1 && now < before.1 {
            found = Some(Rewind {
                from: before.1,
                to: next.1,
                at: next.0,
            });
        }
        before = next;
    }
    found.map(State::Rewound)
}

/// Less than a few seconds of what arrives: ok.
fn little_lag(facts: &Facts<'_>) -> Option<State> {
    let arriving = facts.window.arrival_rate().filter(|rate| *rate > 0.0)?;
    let moves = facts.window.taking_rate().is_some_and(|rate| rate > 0.0);
    (moves && is_little(facts.lag, Some(arriving))).then_some(State::Ok)
}

/// There was no lag at some visit of the window: ok.
fn caught_up_lately(facts: &Facts<'_>) -> Option<State> {
    let lowest = facts.window.lowest()?;
    (facts.window.is_full() && lowest <= 0.0).then_some(State::Ok)
}

/// Stalled: members are there, something waited at every visit, and the position never moved. Where members are not
/// known it is stopped.
fn stands_still(facts: &Facts<'_>) -> Option<State> {
    if !facts.stood_still() || !facts.window.motion.is_counted() {
        return None;
    }
    Some(if facts.members.is_some() {
        State::Stalled
    } else {
        State::Stopped
    })
}

/// Slow: it moves, and the lag grows all the same.
fn falls_behind(facts: &Facts<'_>) -> Option<State> {
    is_slow(facts.window, facts.was_slow).map(State::Slow)
}

fn undecided(facts: &Facts<'_>) -> Option<State> {
    (!facts.window.is_full()).then_some(State::Undecided)
}
