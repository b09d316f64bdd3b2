//! `GET /topology`: the graph.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::topology::{Topology, TopologyQuery};

use super::error::ApiError;
use super::extract::Query;
use super::state::Api;

/// Beyond this the whole graph is in sight on any broker.
const MOST_HOPS: usize = 20;

pub async fn show(State(api): State<Api>, Query(query): Query<TopologyQuery>) -> Result<Json<Topology>, ApiError> {
    if query.hops.is_some_and(|hops| hops > MOST_HOPS) {
        return Err(ApiError::field(
            "hops",
            "is too many",
            format!("Ask for at most {MOST_HOPS}."),
        ));
    }
    Ok(Json(api.live.topology(&query, api.now())))
}
