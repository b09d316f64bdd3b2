//! The rules and where each of them stands, and how that changes when something was stored, left or jumped.

use std::collections::BTreeMap;

use brokerscope_contract::{ConnectionId, EntityId, Rule, RuleId, Timestamp};
use brokerscope_judge::rule::{Reason, Series, State, after_clock_jump, eval};

use super::record::{Due, Record};
use super::settle::Changes;
use super::watch::{self, Standing};
use crate::live::Live;

pub type Key = (RuleId, EntityId);
type Records = BTreeMap<Key, Record>;

#[derive(Default)]
pub struct Book {
    pub rules: Vec<Rule>,
    /// Only what is not ok has a record.
    pub records: Records,
}

impl Book {
    /// Judges the newest value of everything that the rules watch in one connection.
    pub fn judge(&mut self, live: &Live, id: ConnectionId, now: Timestamp, changes: &mut Changes) {
        let Some(connection) = live.connection(id) else { return };
        let connection = connection.read();
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            for watching in watch::watched(rule, &connection) {
                let Some(newest) = watching.newest else { continue };
                let key = (rule.id, watching.entity.id);
                let known = self.records.remove(&key);
                let previous = known.as_ref().map_or_else(State::default, |record| record.state);
                let (state, transitions) = eval(rule, Series::Points(&[newest]), previous, now);
                let mut record = match known {
                    Some(record) => record,
                    None if transitions.is_empty() => continue,
                    None if !watch::stands(rule, &connection, &watching, now) => continue,
                    None => Record::new(rule, &watching, newest.0),
                };
                let due = record.take(rule, state, &transitions, now);
                keep(&mut self.records, key, record, due, changes);
            }
        }
    }

    /// The clock was moved.
    pub fn jump(&mut self, now: Timestamp, changes: &mut Changes) {
        for (key, mut record) in std::mem::take(&mut self.records) {
            let rule = self.rules.iter().find(|rule| rule.id == key.0).cloned();
            let rule = rule.unwrap_or_else(|| record.rule_of_old());
            let (state, transition) = after_clock_jump(record.state, now);
            let due = record.take(&rule, state, transition.as_slice(), now);
            keep(&mut self.records, key, record, due, changes);
        }
    }

    /// Judges the records that have nothing to be judged by any more.
    pub fn leave(&mut self, live: &Live, now: Timestamp, changes: &mut Changes) {
        let keys: Vec<_> = self.records.keys().copied().collect();
        for key in keys {
            let Some(record) = self.records.get(&key) else { continue };
            let connection = record.alert.entity.connection;
            let rule = self.rules.iter().find(|rule| rule.id == key.0);
            // With another figure, or the other side of it, a rule is another one under the same number.
            let rule = rule.filter(|rule| record.is_of(rule));
            let standing = rule.map_or(Standing::OutOfScope, |rule| {
                watch::standing(rule, live, connection, key.1)
            });
            let Some(mut record) = (standing != Standing::Watched)
                .then(|| self.records.remove(&key))
                .flatten()
            else {
                continue;
            };
            let stands_for = rule.cloned().unwrap_or_else(|| record.rule_of_old());
            let due = match standing {
                Standing::Gone => {
                    let (state, transitions) = eval(&stands_for, Series::Gone, record.state, now);
                    record.take(&stands_for, state, &transitions, now)
                }
                Standing::ConnectionLeft => record.end(&stands_for, now, Reason::ConnectionLeft),
                Standing::OutOfScope | Standing::Watched => record.end(&stands_for, now, Reason::RuleChanged),
            };
            keep(&mut self.records, key, record, due, changes);
        }
    }
}

fn keep(records: &mut Records, key: Key, record: Record, due: Due, changes: &mut Changes) {
    match due {
        Due::End => changes.ended.push(record.alert),
        Due::Forget if record.alert.id != 0 => changes.forget.push(record.alert.id),
        Due::Forget => {}
        Due::Save => {
            changes.save.insert(key);
            records.insert(key, record);
        }
        Due::Nothing => {
            records.insert(key, record);
        }
    }
}
