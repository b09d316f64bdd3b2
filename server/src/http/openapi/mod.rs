//! `GET /api/v1/openapi.json`: the whole API, described from the table of operations and the contract's own types.

mod document;
mod operations;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::Json;
use serde_json::Value;

pub const PATH: &str = "/api/v1/openapi.json";

/// Put together on first use; it never changes while the process runs.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document::document);

pub async fn show() -> Json<&'static Value> {
    Json(&DOCUMENT)
}
