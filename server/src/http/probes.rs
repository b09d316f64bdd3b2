//! `/healthz` and `/readyz`: for whoever keeps the process running.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::Api;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Requests are served and visits can be stored. A full disk does not make it unready: what is stored can be read.
pub async fn ready(State(api): State<Api>) -> (StatusCode, &'static str) {
    if api.stopping.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}
