//! Alert thresholds.

use brokerscope_contract::{Rule, RuleId};

use crate::{Store, StoreError, words};

impl Store {
    /// All rules, oldest first. One that this release cannot read, such as for a metric that is gone, is left out.
    pub async fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as("SELECT id, body FROM rules ORDER BY id")
            .fetch_all(&self.inner.readers)
            .await?;
        let rules = rows
            .into_iter()
            .filter_map(|(id, body)| match words::from_json::<Rule>(&body) {
                Ok(rule) => Some(Rule { id: RuleId(id), ..rule }),
                Err(error) => {
                    tracing::warn!(rule = id, %error, "a stored rule cannot be read");
                    None
                }
            });
        Ok(rules.collect())
    }

    /// Creates the rule when its id is 0, replaces it otherwise.
    pub async fn save_rule(&self, rule: &Rule) -> Result<RuleId, StoreError> {
        let body = words::json(rule)?;
        self.inner
            .write(async |writer| {
                let saved: Option<(i64,)> = match rule.id {
                    RuleId(0) => sqlx::query_as("INSERT INTO rules (body) VALUES (?) RETURNING id").bind(body),
                    RuleId(id) => sqlx::query_as("UPDATE rules SET body = ? WHERE id = ? RETURNING id")
                        .bind(body)
                        .bind(id),
                }
                .fetch_optional(writer)
                .await?;
                saved.map(|(id,)| RuleId(id)).ok_or(StoreError::NotFound("rule"))
            })
            .await
    }

    pub async fn delete_rule(&self, id: RuleId) -> Result<(), StoreError> {
        self.inner
            .write(async |writer| {
                let done = sqlx::query("DELETE FROM rules WHERE id = ?")
                    .bind(id.0)
                    .execute(writer)
                    .await?;
                if done.rows_affected() == 0 {
                    Err(StoreError::NotFound("rule"))
                } else {
                    Ok(())
                }
            })
            .await
    }
}
