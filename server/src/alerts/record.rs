//! Alerts as they are stored and shown, made from the states of the evaluation, and states read back from alerts.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Alert, AlertState, Comparison, Rule, Scope, Timestamp};
use brokerscope_judge::rule::{Phase, Reason, State, Transition, active, resolved};

use super::watch::Watching;

/// Where one rule stands on one entity, with the alert that tells of it.
#[derive(Debug, Clone)]
pub struct Record {
    pub state: State,
    /// Its id is 0 until it has been stored.
    pub alert: Alert,
    /// Which side of the threshold the rule fires on; the alert itself does not say.
    comparison: Comparison,
}

/// What has to be done about a record after an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Nothing,
    /// Store the alert as it is now.
    Save,
    /// It never fired: forget it.
    Forget,
    /// It ended: store it and stop watching.
    End,
}

impl Record {
    pub fn new(rule: &Rule, watching: &Watching, at: Timestamp) -> Record {
        Record {
            state: State::default(),
            comparison: rule.comparison,
            alert: Alert {
                id: 0,
                rule: rule.id,
                rule_name: rule.name.clone(),
                metric: rule.metric,
                severity: rule.severity,
                state: AlertState::Pending,
                entity: watching.entity.clone(),
                connection_name: watching.connection_name.clone(),
                active_at: at,
                fired_at: None,
                ended_at: None,
                value: None,
                threshold: rule.fire,
                sentence: String::new(),
            },
        }
    }

    /// After a restart: the waiting goes on where it was. The recovering ones fire until they are judged again.
    pub fn restored(alert: Alert, rule: Option<&Rule>, judged_at: Option<Timestamp>) -> Record {
        let phase = match (alert.state, alert.fired_at) {
            (AlertState::Pending, _) | (_, None) => Phase::Pending {
                active_at: alert.active_at,
            },
            (_, Some(fired_at)) => Phase::Firing {
                active_at: alert.active_at,
                fired_at,
            },
        };
        let state = State {
            phase,
            value: alert.value,
            judged_at,
            // One that fires may have been between the thresholds since, which is not stored.
            held_since: match phase {
                Phase::Pending { active_at } => Some(active_at),
                _ => None,
            },
            gone: 0,
        };
        Record {
            state,
            alert,
            comparison: rule.map_or(Comparison::Above, |rule| rule.comparison),
        }
    }

    /// Whether `rule` still compares what this record is about.
    pub fn is_of(&self, rule: &Rule) -> bool {
        (self.alert.metric, self.comparison) == (rule.metric, rule.comparison)
    }

    /// Takes over the outcome of an evaluation and says what is due.
    pub fn take(&mut self, rule: &Rule, state: State, transitions: &[Transition], now: Timestamp) -> Due {
        self.state = state;
        self.alert.value = state.value;
        self.alert.rule_name.clone_from(&rule.name);
        self.alert.severity = rule.severity;
        self.alert.threshold = rule.fire;
        if let Some(active_at) = state.phase.active_at() {
            self.alert.active_at = active_at;
        }
        let mut due = Due::Nothing;
        for transition in transitions {
            due = match *transition {
                Transition::Dropped { .. } => Due::Forget,
                Transition::Resolved { at, reason } => {
                    self.end(rule, at, reason);
                    Due::End
                }
                Transition::Fired { at, .. } => {
                    self.alert.fired_at = Some(at);
                    Due::Save
                }
                Transition::Pending { .. } | Transition::Recovering { .. } | Transition::FiringAgain { .. } => {
                    Due::Save
                }
            };
        }
        match state.phase.alert_state() {
            Some(word) => {
                self.alert.state = word;
                self.alert.sentence = active(rule, &state);
            }
            // A record of something that is ok would stay for ever.
            None if due == Due::Nothing => due = self.end(rule, now, Reason::Cleared),
            None => {}
        }
        due
    }

    /// Ends it for a reason outside the numbers; one that never fired is forgotten.
    pub fn end(&mut self, rule: &Rule, at: Timestamp, reason: Reason) -> Due {
        let Some(fired_at) = self.alert.fired_at else {
            return Due::Forget;
        };
        self.state.phase = Phase::Ok;
        self.alert.state = AlertState::Resolved;
        self.alert.ended_at = Some(at);
        self.alert.sentence = resolved(rule, self.alert.value, reason, at.seconds_since(fired_at));
        Due::End
    }

    /// The rule as far as the alert remembers it, for one whose rule was deleted.
    pub fn rule_of_old(&self) -> Rule {
        Rule {
            id: self.alert.rule,
            name: self.alert.rule_name.clone(),
            metric: self.alert.metric,
            scope: Scope::default(),
            comparison: self.comparison,
            fire: self.alert.threshold,
            clear: self.alert.threshold,
            for_seconds: 0,
            keep_firing_seconds: 0,
            severity: self.alert.severity,
            enabled: false,
            origin: Origin::Page,
        }
    }
}
