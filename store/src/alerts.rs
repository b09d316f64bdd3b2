//! Alerts, active and ended.

use brokerscope_contract::Alert;

use crate::store::unfinished;
use crate::{Store, StoreError};

impl Store {
    /// Creates those whose id is 0, replaces the others; returns the ids in the same order.
    pub async fn save_alerts(&self, _alerts: &[Alert]) -> Result<Vec<i64>, StoreError> {
        unfinished()
    }

    /// Alerts without an end, oldest first.
    pub async fn active_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        unfinished()
    }

    /// Alerts with an end, the last ended first.
    pub async fn ended_alerts(&self, _limit: usize) -> Result<Vec<Alert>, StoreError> {
        unfinished()
    }
}
