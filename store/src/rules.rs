//! Alert thresholds.

use brokerscope_contract::{Rule, RuleId};

use crate::store::unfinished;
use crate::{Store, StoreError};

impl Store {
    /// All rules, oldest first.
    pub async fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        unfinished()
    }

    /// Creates the rule when its id is 0, replaces it otherwise.
    pub async fn save_rule(&self, _rule: &Rule) -> Result<RuleId, StoreError> {
        unfinished()
    }

    pub async fn delete_rule(&self, _id: RuleId) -> Result<(), StoreError> {
        unfinished()
    }
}
