//! What evaluations changed is stored, and then told; what could not be stored waits for the next evaluation.

use std::collections::BTreeSet;

use brokerscope_contract::api::events::Event;
use brokerscope_contract::{Alert, Timestamp};
use brokerscope_store::StoreError;

use super::book::Key;
use super::engine::Alerts;

/// Changes that are not stored yet, of one evaluation or of several whose writing failed.
#[derive(Default)]
pub struct Changes {
    /// By key and not as they were: what is stored is the record as it is then, so a later change takes an earlier
    /// one's place.
    pub save: BTreeSet<Key>,
    pub forget: Vec<i64>,
    /// These have left the book, so nothing else remembers them. Their id is 0 when not even their beginning was stored.
    pub ended: Vec<Alert>,
}

impl Alerts {
    /// Stores what changed, then tells the pages and the webhook. What is stored leaves `changes`.
    pub(super) async fn settle(&self, changes: &mut Changes, now: Timestamp) -> Result<(), StoreError> {
        if !changes.save.is_empty() || !changes.ended.is_empty() {
            let told = self.stored(changes).await?;
            self.webhook.tell(&told, now);
        } else if changes.forget.is_empty() {
            return Ok(());
        }
        // Before the forgetting, which may fail: what was stored is news already.
        self.events.send(Event::Alerts { firing: self.firing() });
        self.store.forget_alerts(&changes.forget).await?;
        changes.forget.clear();
        Ok(())
    }

    /// Writes all in one transaction, and gives the alerts with their ids: an end before what began in its place.
    async fn stored(&self, changes: &mut Changes) -> Result<Vec<Alert>, StoreError> {
        let kept: Vec<Alert> = {
            let book = self.book();
            let records = changes.save.iter().filter_map(|key| book.records.get(key));
            records.map(|record| record.alert.clone()).collect()
        };
        let mut alerts = changes.ended.clone();
        alerts.extend(kept);
        let ids = self.store.save_alerts(&alerts).await?;
        let mut book = self.book();
        for (index, (alert, id)) in alerts.iter_mut().zip(ids).enumerate() {
            alert.id = id;
            if index < changes.ended.len() {
                continue;
            }
            if let Some(record) = book.records.get_mut(&(alert.rule, alert.entity.id)) {
                record.alert.id = id;
            }
        }
        changes.save.clear();
        changes.ended.clear();
        Ok(alerts)
    }
}
