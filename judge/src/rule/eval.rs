//! One step of an alert rule: from the stored points since the last step to the next state, without clock or store.
//!
//! The states and their order are those of Prometheus and Grafana, with a clear threshold of its own:
//! ok, pending, firing, recovering, and back to ok.

use brokerscope_contract::{Comparison, Rule, Timestamp};

use super::{Phase, Reason, Series, State, Transition};

/// After a longer silence the waiting for `for` begins anew (Prometheus: outages up to an hour continue it). The same
/// limit makes a clock that jumps ahead fire nothing.
const LONGEST_GAP_MILLIS: i64 = 3_600_000;

/// A series that is missing on this many evaluations in a row is gone for good (Grafana's missing series).
const GONE_EVALUATIONS: u8 = 2;

/// Judges what was stored since `previous`, up to `now`.
///
/// Points that were judged before, or that lie after `now`, are passed over, so a replay over overlapping stretches
/// changes nothing. Points that are not numbers do not count as points.
pub fn eval(rule: &Rule, series: Series<'_>, previous: State, now: Timestamp) -> (State, Vec<Transition>) {
    let mut transitions = Vec::new();
    let mut state = previous;
    if state.judged_at.is_some_and(|judged| judged > now) {
        begin_anew(&mut state, now, &mut transitions);
    }
    match series {
        Series::Gone => vanish(&mut state, now, &mut transitions),
        Series::Points(points) => {
            for (at, value) in points
                .iter()
                .copied()
                .filter(|(at, value)| *at <= now && value.is_finite())
            {
                if state.judged_at.is_none_or(|judged| at > judged) {
                    state.gone = 0;
                    step(rule, &mut state, at, value, &mut transitions);
                }
            }
        }
    }
    (state, transitions)
}

/// The state when the clock has jumped, and what that changes: what waited to fire is given up and may begin anew, what
/// waited to end goes on firing.
pub fn after_clock_jump(state: State, now: Timestamp) -> (State, Option<Transition>) {
    let (phase, transition) = match state.phase {
        Phase::Pending { .. } => (Phase::Ok, Some(Transition::Dropped { at: now })),
        Phase::Recovering {
            active_at, fired_at, ..
        } => (
            Phase::Firing { active_at, fired_at },
            Some(Transition::FiringAgain { at: now }),
        ),
        phase => (phase, None),
    };
    let state = State {
        phase,
        judged_at: Some(now),
        // Nobody saw what happened in between.
        held_since: None,
        ..state
    };
    (state, transition)
}

fn begin_anew(state: &mut State, now: Timestamp, transitions: &mut Vec<Transition>) {
    let (anew, transition) = after_clock_jump(*state, now);
    *state = anew;
    transitions.extend(transition);
}

fn step(rule: &Rule, state: &mut State, at: Timestamp, value: f64, transitions: &mut Vec<Transition>) {
    if state
        .judged_at
        .is_some_and(|judged| at.millis_since(judged) > LONGEST_GAP_MILLIS)
    {
        begin_anew(state, at, transitions);
    }
    state.judged_at = Some(at);
    state.value = Some(value);
    let (fires, clears) = (fires(rule, value), clears(rule, value));
    state.held_since = fires.then(|| state.held_since.unwrap_or(at));
    state.phase = match state.phase {
        Phase::Ok | Phase::Pending { .. } if !fires => {
            if state.phase != Phase::Ok {
                transitions.push(Transition::Dropped { at });
            }
            Phase::Ok
        }
        Phase::Ok => {
            transitions.push(Transition::Pending { at });
            ripen(rule, at, at, value, transitions)
        }
        Phase::Pending { active_at } => ripen(rule, active_at, at, value, transitions),
        Phase::Firing { active_at, fired_at } if clears => {
            transitions.push(Transition::Recovering { at });
            calm(rule, active_at, fired_at, at, at, transitions)
        }
        Phase::Firing { .. } => state.phase,
        Phase::Recovering {
            active_at,
            fired_at,
            clear_at,
        } if clears => calm(rule, active_at, fired_at, clear_at, at, transitions),
        // Between the two thresholds an alert that has not ended yet goes on: that is what the second one is for.
        Phase::Recovering {
            active_at, fired_at, ..
        } => {
            transitions.push(Transition::FiringAgain { at });
            Phase::Firing { active_at, fired_at }
        }
    };
}

/// Pending until the condition has held for long enough.
fn ripen(rule: &Rule, active_at: Timestamp, at: Timestamp, value: f64, transitions: &mut Vec<Transition>) -> Phase {
    if at.millis_since(active_at) < i64::from(rule.for_seconds) * 1_000 {
        return Phase::Pending { active_at };
    }
    transitions.push(Transition::Fired { at, value });
    Phase::Firing {
        active_at,
        fired_at: at,
    }
}

/// Recovering until the clear condition has held for long enough.
fn calm(
    rule: &Rule,
    active_at: Timestamp,
    fired_at: Timestamp,
    clear_at: Timestamp,
    at: Timestamp,
    transitions: &mut Vec<Transition>,
) -> Phase {
    if at.millis_since(clear_at) < i64::from(rule.keep_firing_seconds) * 1_000 {
        return Phase::Recovering {
            active_at,
            fired_at,
            clear_at,
        };
    }
    transitions.push(Transition::Resolved {
        at,
        reason: Reason::Cleared,
    });
    Phase::Ok
}

fn vanish(state: &mut State, now: Timestamp, transitions: &mut Vec<Transition>) {
    state.gone = state.gone.saturating_add(1);
    if state.gone < GONE_EVALUATIONS {
        return;
    }
    match state.phase {
        Phase::Ok => return,
        Phase::Pending { .. } => transitions.push(Transition::Dropped { at: now }),
        Phase::Firing { .. } | Phase::Recovering { .. } => transitions.push(Transition::Resolved {
            at: now,
            reason: Reason::SeriesGone,
        }),
    }
    state.phase = Phase::Ok;
}

/// The value is beyond the threshold that fires.
pub(super) fn fires(rule: &Rule, value: f64) -> bool {
    match rule.comparison {
        Comparison::Above => value > rule.fire,
        Comparison::Below => value < rule.fire,
    }
}

/// The clear threshold is reached. Never true together with [`fires`], since `clear` is on the calm side of `fire`.
pub(super) fn clears(rule: &Rule, value: f64) -> bool {
    match rule.comparison {
        Comparison::Above => value <= rule.clear,
        Comparison::Below => value >= rule.clear,
    }
}
