//! Adding, changing and removing rules.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Rule, RuleId, Timestamp};
use brokerscope_store::StoreError;

use super::engine::Alerts;

impl Alerts {
    /// Stores a new rule (id 0) or a changed one. It is judged from the next visit on.
    pub async fn save(&self, rule: Rule, now: Timestamp) -> Result<Rule, StoreError> {
        let id = self.store.save_rule(&rule).await?;
        let rule = Rule { id, ..rule };
        {
            let mut book = self.book();
            match book.rules.iter_mut().find(|known| known.id == id) {
                Some(known) => *known = rule.clone(),
                None => book.rules.push(rule.clone()),
            }
        }
        self.sweep(now).await?;
        Ok(rule)
    }

    /// Removes a rule; its alerts end.
    pub async fn delete(&self, id: RuleId, now: Timestamp) -> Result<(), StoreError> {
        self.store.delete_rule(id).await?;
        self.book().rules.retain(|rule| rule.id != id);
        self.sweep(now).await
    }

    /// Takes over the rules of the configuration file, by name; those that it no longer has are removed. `unplaced` are
    /// in it and cannot be taken over: they stay as they were, since a slip in the file must not end alerts.
    pub async fn set_declared(
        &self,
        declared: Vec<Rule>,
        unplaced: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stored: Vec<Rule> = self
            .book()
            .rules
            .iter()
            .filter(|rule| rule.origin == Origin::File)
            .cloned()
            .collect();
        for rule in &stored {
            if !declared.iter().any(|kept| kept.name == rule.name) && !unplaced.contains(&rule.name) {
                self.delete(rule.id, now).await?;
            }
        }
        for rule in declared {
            let id = stored
                .iter()
                .find(|known| known.name == rule.name)
                .map_or(RuleId(0), |known| known.id);
            self.save(
                Rule {
                    id,
                    origin: Origin::File,
                    ..rule
                },
                now,
            )
            .await?;
        }
        Ok(())
    }
}
