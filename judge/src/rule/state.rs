//! Where one rule stands on one entity.

use brokerscope_contract::{AlertState, Timestamp};

/// The state of one rule on one entity between two evaluations.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct State {
    pub phase: Phase,
    /// The last judged value.
    pub value: Option<f64>,
    /// The time of the last judged point. Older points are not judged again.
    pub judged_at: Option<Timestamp>,
    /// Since when every judged value was beyond `fire`; `None` while the last one is not, or when nobody knows.
    pub held_since: Option<Timestamp>,
    /// Evaluations in a row that found the series gone.
    pub gone: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    #[default]
    Ok,
    /// The condition holds since `active_at`, not yet for long enough.
    Pending {
        active_at: Timestamp,
    },
    Firing {
        active_at: Timestamp,
        fired_at: Timestamp,
    },
    /// The clear condition holds since `clear_at`, not yet for long enough.
    Recovering {
        active_at: Timestamp,
        fired_at: Timestamp,
        clear_at: Timestamp,
    },
}

impl Phase {
    pub fn active_at(self) -> Option<Timestamp> {
        match self {
            Phase::Ok => None,
            Phase::Pending { active_at } | Phase::Firing { active_at, .. } | Phase::Recovering { active_at, .. } => {
                Some(active_at)
            }
        }
    }

    pub fn fired_at(self) -> Option<Timestamp> {
        match self {
            Phase::Ok | Phase::Pending { .. } => None,
            Phase::Firing { fired_at, .. } | Phase::Recovering { fired_at, .. } => Some(fired_at),
        }
    }

    /// The word that the contract has for it; none for ok.
    pub fn alert_state(self) -> Option<AlertState> {
        match self {
            Phase::Ok => None,
            Phase::Pending { .. } => Some(AlertState::Pending),
            Phase::Firing { .. } => Some(AlertState::Firing),
            Phase::Recovering { .. } => Some(AlertState::Recovering),
        }
    }
}

/// What an evaluation is given.
#[derive(Debug, Clone, Copy)]
pub enum Series<'a> {
    /// Stored points, oldest first; counters as rates. None at all keeps the last state: missing is not zero.
    Points(&'a [(Timestamp, f64)]),
    /// The broker no longer has the entity.
    Gone,
}

/// A change of state that matters to somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transition {
    /// The condition began to hold.
    Pending {
        at: Timestamp,
    },
    /// It stopped before the alert fired; nobody was told and nobody will be.
    Dropped {
        at: Timestamp,
    },
    Fired {
        at: Timestamp,
        value: f64,
    },
    Recovering {
        at: Timestamp,
    },
    /// The clear condition did not hold long enough. Nobody is told again.
    FiringAgain {
        at: Timestamp,
    },
    Resolved {
        at: Timestamp,
        reason: Reason,
    },
}

/// Why an alert ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Cleared,
    /// The broker no longer has the entity.
    SeriesGone,
    /// The rule was deleted or switched off, no longer watches this entity, or compares something else.
    RuleChanged,
    /// The connection was deleted or paused.
    ConnectionLeft,
}
