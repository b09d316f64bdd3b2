//! Connections: listed, tested, added, changed, removed.

use brokerscope_contract::api::connections::{ConnectionPatch, ConnectionRequest, ConnectionView, SystemView};
use brokerscope_contract::api::path;
use brokerscope_contract::{ConnectionId, ProbeStep};

use crate::api::{ApiError, http, stream};

pub async fn systems() -> Result<Vec<SystemView>, ApiError> {
    http::get(path::SYSTEMS).await
}

pub async fn list() -> Result<Vec<ConnectionView>, ApiError> {
    http::get(path::CONNECTIONS).await
}

pub async fn get(id: ConnectionId) -> Result<ConnectionView, ApiError> {
    http::get(&one(id)).await
}

pub async fn create(request: &ConnectionRequest) -> Result<ConnectionView, ApiError> {
    http::post(path::CONNECTIONS, request).await
}

pub async fn update(id: ConnectionId, request: &ConnectionRequest) -> Result<ConnectionView, ApiError> {
    http::put(&one(id), request).await
}

pub async fn set_paused(id: ConnectionId, paused: bool) -> Result<ConnectionView, ApiError> {
    http::patch(&one(id), &ConnectionPatch { paused }).await
}

pub async fn delete(id: ConnectionId) -> Result<(), ApiError> {
    http::delete(&one(id)).await
}

/// Tries a connection without saving it; `each` gets every step as it ends.
pub async fn test(
    request: &ConnectionRequest,
    stop: impl Future<Output = ()>,
    each: impl FnMut(ProbeStep),
) -> Result<(), ApiError> {
    stream::post_lines(path::CONNECTION_TEST, request, stop, each).await
}

/// The path of one connection.
pub fn one(id: ConnectionId) -> String {
    format!("{}/{}", path::CONNECTIONS, id.0)
}
