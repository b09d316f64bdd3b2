//! Requests and answers in JSON; the only place of this program that calls `fetch`.

use brokerscope_contract::Problem;
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{ApiError, early};
use crate::state::clock;

pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    read(&get_text(path).await?)
}

/// The answer as text, for whoever reads it later.
pub async fn get_text(path: &str) -> Result<String, ApiError> {
    ask(Method::GET, path, None).await
}

pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, ApiError> {
    read(&ask(Method::POST, path, Some(write(body)?)).await?)
}

pub async fn put<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, ApiError> {
    read(&ask(Method::PUT, path, Some(write(body)?)).await?)
}

pub async fn patch<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, ApiError> {
    read(&ask(Method::PATCH, path, Some(write(body)?)).await?)
}

pub async fn delete(path: &str) -> Result<(), ApiError> {
    ask(Method::DELETE, path, None).await.map(|_| ())
}

/// Sends a request and returns the answer when its status says success. Not generic, so that it is compiled once.
pub(super) async fn answer(method: Method, path: &str, body: Option<String>) -> Result<Response, ApiError> {
    let early = match method {
        Method::GET => early::answer(path).await,
        _ => None,
    };
    let response = match early {
        Some(response) => response,
        None => send(method, path, body).await?,
    };
    if let Some(date) = response.headers().get("date") {
        clock::server_said(&date);
    }
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    Err(refusal(status, &text))
}

async fn send(method: Method, path: &str, body: Option<String>) -> Result<Response, ApiError> {
    let builder = RequestBuilder::new(path)
        .method(method)
        .header("Accept", "application/json")
        // What no foreign page's form can send. Bodies are JSON and would do as well, but a DELETE has none.
        .header("X-Brokerscope", "1");
    let request = match body {
        Some(body) => builder.header("Content-Type", "application/json").body(body),
        None => builder.build(),
    };
    let request = request.map_err(|error| ApiError::Garbled(error.to_string()))?;
    request.send().await.map_err(|_| ApiError::Unreachable)
}

async fn ask(method: Method, path: &str, body: Option<String>) -> Result<String, ApiError> {
    let response = answer(method, path, body).await?;
    response.text().await.map_err(|_| ApiError::Unreachable)
}

fn refusal(status: u16, text: &str) -> ApiError {
    if let Ok(problem) = serde_json::from_str::<Problem>(text) {
        return ApiError::Refused(problem);
    }
    // A proxy in between answers in its own words.
    ApiError::Refused(Problem {
        kind: "unexpected".into(),
        title: "Unexpected answer".into(),
        status,
        detail: format!("The server answered with status {status}."),
        fields: Vec::new(),
        remedy: None,
    })
}

fn write<B: Serialize>(body: &B) -> Result<String, ApiError> {
    serde_json::to_string(body).map_err(|error| ApiError::Garbled(error.to_string()))
}

/// An empty answer (status 204) reads as `()`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let text = if text.is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|error| ApiError::Garbled(error.to_string()))
}
