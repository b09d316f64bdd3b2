//! `GET /api/v1/openapi.json`.
pub const PATH: &str = "/api/v1/openapi.json";
pub async fn show() -> axum::Json<serde_json::Value> {
    axum::Json(serde_json::json!({}))
}
