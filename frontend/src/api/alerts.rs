//! Alerts: what fires now and what fired before.

use brokerscope_contract::api::alerts::AlertsView;
use brokerscope_contract::api::path;

use crate::api::{ApiError, http};

pub async fn list() -> Result<AlertsView, ApiError> {
    http::get(path::ALERTS).await
}
