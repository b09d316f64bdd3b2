//! `GET /alerts`: what fires and what fired.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::alerts::AlertsView;

use super::error::ApiError;
use super::state::Api;

const ENDED_SHOWN: usize = 200;

pub async fn list(State(api): State<Api>) -> Result<Json<AlertsView>, ApiError> {
    Ok(Json(AlertsView {
        active: api.alerts.active(),
        ended: api.store.ended_alerts(ENDED_SHOWN).await?,
    }))
}
