//! `/webhook`: the one address that is told about alerts.

use axum::Json as Answer;
use axum::extract::State;
use brokerscope_contract::api::webhook::{Delivery, WebhookRequest, WebhookView};

use super::error::ApiError;
use super::extract::Json;
use super::state::Api;

pub async fn show(State(api): State<Api>) -> Answer<WebhookView> {
    Answer(api.webhook.view())
}

/// An empty address switches it off.
pub async fn set(State(api): State<Api>, Json(request): Json<WebhookRequest>) -> Result<Answer<WebhookView>, ApiError> {
    if api.webhook_declared {
        return Err(ApiError::ReadOnly {
            detail: "The webhook is declared in the configuration file.".to_string(),
            remedy: "Change it there, and restart Brokerscope.".to_string(),
        });
    }
    let url = request.url.trim();
    if !url.is_empty() && !is_web_address(url) {
        return Err(ApiError::field(
            "url",
            "is not a web address",
            "It begins with https:// or http://.",
        ));
    }
    let url = (!url.is_empty()).then(|| url.to_string());
    let action = if url.is_some() { "webhook.set" } else { "webhook.remove" };
    api.webhook.set(url, api.now()).await?;
    // The address may hold a token, so it is not recorded.
    api.store.audit(api.now(), action, "").await?;
    Ok(Answer(api.webhook.view()))
}

pub async fn test(State(api): State<Api>) -> Answer<Delivery> {
    Answer(api.webhook.test(api.now()).await)
}

fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}
