//! The rules and the alerts that they have raised, kept in step with the store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use brokerscope_contract::api::events::Event;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_contract::{Alert, AlertState, ConnectionId, EntityId, Rule, RuleId, Severity, Timestamp};
use brokerscope_store::{Store, StoreError};

use super::book::Book;
use super::record::Record;
use super::settle::Changes;
use super::watch::{self, Standing};
use crate::events::Events;
use crate::live::Live;
use crate::notify::Webhook;

/// Rules at work. Shared; every method takes the time it needs in memory, and awaits only the store.
pub struct Alerts {
    pub(super) store: Store,
    pub(super) live: Arc<Live>,
    pub(super) events: Events,
    pub(super) webhook: Arc<Webhook>,
    book: Mutex<Book>,
    /// Held over a whole evaluation with its writing, so that two never store the same alert twice. What could not be
    /// stored stays in it for the next one.
    writing: tokio::sync::Mutex<Changes>,
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
            let rule = book.rules.iter().find(|rule| rule.id == alert.rule);
            let key = (alert.rule, alert.entity.id);
            let record = Record::restored(alert, rule, judged_at);
            book.records.insert(key, record);
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
        let mut changes = self.writing.lock().await;
        {
            let mut book = self.book();
            // First, because what a rule no longer compares must not be judged by what it compares now.
            book.leave(&self.live, now, &mut changes);
            book.judge(&self.live, connection, now, &mut changes);
        }
        self.settle(&mut changes, now).await
    }

    /// Ends what no rule watches any more, such as after a rule or a connection was changed.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut changes = self.writing.lock().await;
        self.book().leave(&self.live, now, &mut changes);
        self.settle(&mut changes, now).await?;
        // Rules may have changed without any alert; pages ask again.
        self.events.send(Event::Alerts { firing: self.firing() });
        Ok(())
    }

    /// The clock was moved: what waits to fire or to end waits anew, what fires goes on firing.
    pub async fn clock_jumped(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut changes = self.writing.lock().await;
        self.book().jump(now, &mut changes);
        self.settle(&mut changes, now).await
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

    pub fn rules(&self, now: Timestamp) -> Vec<RuleView> {
        let book = self.book();
        let view = |rule: &Rule| {
            let watched = watch::count(rule, &self.live, now);
            let fires = |record: &&Record| record.alert.rule == rule.id && record.alert.fired_at.is_some();
            let firing = book.records.values().filter(fires).count();
            let problem = match (rule.enabled, watched.all, watched.readable) {
                (false, ..) => Some("It is switched off.".to_string()),
                (true, 0, _) => Some("Nothing that it describes has this figure at present.".to_string()),
                (true, all, 0) => Some(format!(
                    "None of the {all} that it watches can be read at present: their connections do not answer, or are paused."
                )),
                (true, ..) => None,
            };
            RuleView {
                rule: rule.clone(),
                matches: watched.all,
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
}
