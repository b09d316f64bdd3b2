//! `GET /health`: every check of every connection, with its meaning, its remedy and its history.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::health::HealthView;

use super::state::Api;

pub async fn list(State(api): State<Api>) -> Json<Vec<HealthView>> {
    Json(api.live.health(api.now()))
}
