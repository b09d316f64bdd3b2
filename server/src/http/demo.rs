//! `/demo`: the demo shop, switched on and off, and its faults.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use brokerscope_contract::api::demo::{DemoView, FaultRequest};

use super::error::ApiError;
use super::extract::Json;
use super::state::Api;

pub async fn show(State(api): State<Api>) -> Result<Answer<DemoView>, ApiError> {
    Ok(Answer(api.demo.view().await?))
}

pub async fn switch_on(State(api): State<Api>) -> Result<Answer<DemoView>, ApiError> {
    Ok(Answer(api.demo.switch_on().await?))
}

pub async fn switch_off(State(api): State<Api>) -> Result<StatusCode, ApiError> {
    api.demo.switch_off().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn set_fault(
    State(api): State<Api>,
    Path(slug): Path<String>,
    Json(request): Json<FaultRequest>,
) -> Result<Answer<DemoView>, ApiError> {
    Ok(Answer(api.demo.set_fault(&slug, request.on).await?))
}

pub async fn reset(State(api): State<Api>) -> Result<Answer<DemoView>, ApiError> {
    Ok(Answer(api.demo.reset().await?))
}
