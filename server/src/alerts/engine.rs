//! The rules and the alerts that they have raised, kept in step with the store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use brokerscope_contract::api::events::Event;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_contract::{Alert, AlertState, ConnectionId, EntityId, Rule, RuleId, Severity, Timestamp};
use brokerscope_judge::rule::{Reason, Series, State, after_clock_jump, eval};
use brokerscope_store::{Store, StoreError};

use super::record::{Due, Record};
use super::watch::{self, Standing};
use crate::events::Events;
use crate::live::Live;
use crate::notify::Webhook;

/// Rules at work. Shared; every method takes the time it needs in memory, and awaits only the store.
pub struct Alerts {
    pub(super) store: Store,
    pub(super) live: Arc<Live>,
    events: Events,
    webhook: Arc<Webhook>,
    book: Mutex<Book>,
    /// Held over a whole evaluation with its writing, so that two never store the same alert twice.
    writing: tokio::sync::Mutex<()>,
}

type Records = BTreeMap<(RuleId, EntityId), Record>;

#[derive(Default)]
pub(super) struct Book {
    pub rules: Vec<Rule>,
    /// Only what is not ok has a record.
    pub records: Records,
}

/// What an evaluation changed.
#[derive(Default)]
pub(super) struct Changes {
    save: Vec<(RuleId, EntityId)>,
    forget: Vec<i64>,
    ended: Vec<Alert>,
}

impl Alerts {
    /// Takes up the stored rules and the alerts that had not ended.
    pub async fn load(
        store: Store,
        live: Arc<Live>,
        events: Events,
        webhook: Arc<Webhook>,
    ) -> Result<Alerts, StoreError> {
        let mut book = Book {
            rules: store.rules().await?,
            ..Book::default()
        };
        for alert in store.active_alerts().await? {
            let judged_at = live.connection(alert.entity.connection).and_then(|connection| {
                let connection = connection.read();
                let entity = connection.entities.get(alert.entity.id)?;
                entity.readings.raw(alert.metric).map(|(at, _)| at)
            });
            book.records
                .insert((alert.rule, alert.entity.id), Record::restored(alert, judged_at));
        }
        Ok(Alerts {
            store,
            live,
            events,
            webhook,
            book: Mutex::new(book),
            writing: tokio::sync::Mutex::default(),
        })
    }

    /// Judges what has just been stored of one connection.
    pub async fn evaluate(&self, connection: ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let changes = {
            let mut book = self.book();
            let mut changes = Changes::default();
            book.judge(&self.live, connection, now, &mut changes);
            book.leave(&self.live, now, &mut changes);
            changes
        };
        self.settle(changes, now).await
    }

    /// Ends what no rule watches any more, such as after a rule or a connection was changed.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let mut changes = Changes::default();
        self.book().leave(&self.live, now, &mut changes);
        self.settle(changes, now).await?;
        // Rules may have changed without any alert; pages ask again.
        self.events.send(Event::Alerts { firing: self.firing() });
        Ok(())
    }

    /// The clock was moved: what waits to fire or to end waits anew, what fires goes on firing.
    pub async fn clock_jumped(&self, now: Timestamp) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let mut changes = Changes::default();
        self.book().jump(now, &mut changes);
        self.settle(changes, now).await
    }

    /// Pending, firing and recovering alerts, the worst and oldest first.
    pub fn active(&self) -> Vec<Alert> {
        let mut active: Vec<Alert> = self
            .book()
            .records
            .values()
            .map(|record| record.alert.clone())
            .collect();
        let urgency = |alert: &Alert| (alert.state == AlertState::Pending, alert.severity != Severity::Critical);
        active.sort_by(|a, b| urgency(a).cmp(&urgency(b)).then(a.active_at.cmp(&b.active_at)));
        active
    }

    /// How many alerts fire now, the recovering ones included: they have not ended.
    pub fn firing(&self) -> usize {
        self.book()
            .records
            .values()
            .filter(|record| record.alert.fired_at.is_some())
            .count()
    }

    /// One rule, if it is still there.
    pub fn rule(&self, id: RuleId) -> Option<Rule> {
        self.book().rules.iter().find(|rule| rule.id == id).cloned()
    }

    pub fn rules(&self) -> Vec<RuleView> {
        let book = self.book();
        let view = |rule: &Rule| {
            let matches = watch::count(rule, &self.live);
            let fires = |record: &&Record| record.alert.rule == rule.id && record.alert.fired_at.is_some();
            let firing = book.records.values().filter(fires).count();
            let problem = match (rule.enabled, matches) {
                (false, _) => Some("It is switched off.".to_string()),
                (true, 0) => Some("Nothing that it describes has this figure at present.".to_string()),
                (true, _) => None,
            };
            RuleView {
                rule: rule.clone(),
                matches,
                firing,
                problem,
            }
        };
        book.rules.iter().map(view).collect()
    }

    /// The enabled rules that watch this entity now.
    pub fn rules_on(&self, connection: ConnectionId, entity: EntityId) -> Vec<Rule> {
        let watches = |rule: &&Rule| watch::standing(rule, &self.live, connection, entity) == Standing::Watched;
        self.book().rules.iter().filter(watches).cloned().collect()
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        // A panic while it was held leaves at worst one evaluation undone; the next visit does it again.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what changed, then tells the pages and the webhook.
    async fn settle(&self, changes: Changes, now: Timestamp) -> Result<(), StoreError> {
        let Changes { save, forget, ended } = changes;
        if save.is_empty() && forget.is_empty() && ended.is_empty() {
            return Ok(());
        }
        let kept: Vec<Alert> = {
            let book = self.book();
            save.iter()
                .filter_map(|key| book.records.get(key).map(|record| record.alert.clone()))
                .collect()
        };
        let ids = self.store.save_alerts(&kept).await?;
        for (alert, id) in kept.iter().zip(&ids) {
            if let Some(record) = self.book().records.get_mut(&(alert.rule, alert.entity.id)) {
                record.alert.id = *id;
            }
        }
        self.store.save_alerts(&ended).await?;
        self.store.forget_alerts(&forget).await?;
        let kept = kept.into_iter().zip(ids).map(|(alert, id)| Alert { id, ..alert });
        let told: Vec<Alert> = kept.chain(ended).collect();
        self.webhook.tell(&told, now);
        self.events.send(Event::Alerts { firing: self.firing() });
        Ok(())
    }
}

impl Book {
    fn judge(&mut self, live: &Live, id: ConnectionId, now: Timestamp, changes: &mut Changes) {
        let Some(connection) = live.connection(id) else { return };
        let connection = connection.read();
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            for watching in watch::watched(rule, &connection) {
                let Some(newest) = watching.newest else { continue };
                let key = (rule.id, watching.entity.id);
                let previous = self
                    .records
                    .get(&key)
                    .map_or_else(State::default, |record| record.state);
                let (state, transitions) = eval(rule, Series::Points(&[newest]), previous, now);
                if !self.records.contains_key(&key) && state.phase.alert_state().is_none() && transitions.is_empty() {
                    continue;
                }
                let mut record = self
                    .records
                    .remove(&key)
                    .unwrap_or_else(|| Record::new(rule, &watching, newest.0));
                let due = record.take(rule, state, &transitions, now);
                keep(&mut self.records, key, record, due, changes);
            }
        }
    }

    fn jump(&mut self, now: Timestamp, changes: &mut Changes) {
        self.records.retain(|key, record| {
            record.state = after_clock_jump(record.state, now);
            match record.state.phase.alert_state() {
                None => {
                    changes.forget.extend((record.alert.id != 0).then_some(record.alert.id));
                    false
                }
                Some(state) => {
                    if record.alert.state != state {
                        record.alert.state = state;
                        changes.save.push(*key);
                    }
                    true
                }
            }
        });
    }

    /// Judges the records that have nothing to be judged by any more.
    fn leave(&mut self, live: &Live, now: Timestamp, changes: &mut Changes) {
        let keys: Vec<_> = self.records.keys().copied().collect();
        for key in keys {
            let Some(record) = self.records.get(&key) else { continue };
            let connection = record.alert.entity.connection;
            let rule = self.rules.iter().find(|rule| rule.id == key.0);
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

fn keep(records: &mut Records, key: (RuleId, EntityId), record: Record, due: Due, changes: &mut Changes) {
    match due {
        Due::End => changes.ended.push(record.alert),
        Due::Forget if record.alert.id != 0 => changes.forget.push(record.alert.id),
        Due::Forget => {}
        Due::Save => {
            changes.save.push(key);
            records.insert(key, record);
        }
        Due::Nothing => {
            records.insert(key, record);
        }
    }
}
