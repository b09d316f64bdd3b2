//! `GET /entities/{id}`: everything about one queue, topic, group, node or part.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::EntityId;
use brokerscope_contract::api::entities::EntityDetail;

use super::error::ApiError;
use super::extract::Id;
use super::state::Api;

pub async fn show(State(api): State<Api>, Id(id): Id) -> Result<Json<EntityDetail>, ApiError> {
    let detail = api.live.entity(EntityId(id), api.now());
    let mut detail = detail.ok_or(ApiError::NotFound("entity"))?;
    let entity = &detail.row.entity;
    detail.rules = api.alerts.rules_on(entity.connection, entity.id);
    Ok(Json(detail))
}
