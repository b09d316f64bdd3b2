//! The webhook that is told about alerts.

use brokerscope_contract::api::path;
use brokerscope_contract::api::webhook::{Delivery, WebhookRequest, WebhookView};

use crate::api::{ApiError, http};

pub async fn get() -> Result<WebhookView, ApiError> {
    http::get(path::WEBHOOK).await
}

pub async fn set(url: String) -> Result<WebhookView, ApiError> {
    http::put(path::WEBHOOK, &WebhookRequest { url }).await
}

/// Sends a test message now.
pub async fn test() -> Result<Delivery, ApiError> {
    http::post(path::WEBHOOK_TEST, &()).await
}
