//! `/connections`: the configured brokers.

use axum::Json as Answer;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use brokerscope_contract::ConnectionId;
use brokerscope_contract::api::connections::{ConnectionPatch, ConnectionRequest, ConnectionView};
use futures_util::StreamExt;

use super::error::ApiError;
use super::extract::{Id, Json};
use super::state::Api;

pub async fn list(State(api): State<Api>) -> Answer<Vec<ConnectionView>> {
    Answer(api.live.connections(api.now()))
}

pub async fn show(State(api): State<Api>, Id(id): Id) -> Result<Answer<ConnectionView>, ApiError> {
    view(&api, ConnectionId(id))
}

pub async fn add(State(api): State<Api>, Json(request): Json<ConnectionRequest>) -> Result<Response, ApiError> {
    let id = api.connections.add(&request).await?;
    Ok((StatusCode::CREATED, view(&api, id)?).into_response())
}

pub async fn update(
    State(api): State<Api>,
    Id(id): Id,
    Json(request): Json<ConnectionRequest>,
) -> Result<Answer<ConnectionView>, ApiError> {
    api.connections.update(ConnectionId(id), &request).await?;
    view(&api, ConnectionId(id))
}

pub async fn pause(
    State(api): State<Api>,
    Id(id): Id,
    Json(patch): Json<ConnectionPatch>,
) -> Result<Answer<ConnectionView>, ApiError> {
    api.connections.pause(ConnectionId(id), patch.paused).await?;
    view(&api, ConnectionId(id))
}

pub async fn delete(State(api): State<Api>, Id(id): Id) -> Result<StatusCode, ApiError> {
    api.connections.delete(ConnectionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One line of JSON for each step, as soon as it ended. Closing the request ends the test.
pub async fn test(State(api): State<Api>, Json(request): Json<ConnectionRequest>) -> Result<Response, ApiError> {
    let steps = api.connections.test(&request).await?;
    let lines = steps.take_until(api.stopping.clone().cancelled_owned()).map(|step| {
        serde_json::to_vec(&step).map(|mut line| {
            line.push(b'\n');
            Bytes::from(line)
        })
    });
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        // A proxy that collects the answer would hold the steps back until the end.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn view(api: &Api, id: ConnectionId) -> Result<Answer<ConnectionView>, ApiError> {
    let views = api.live.connections(api.now());
    let view = views.into_iter().find(|view| view.id == id);
    view.map(Answer).ok_or(ApiError::NotFound("connection"))
}
