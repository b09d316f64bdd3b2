//! The live graph.

use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::TopologyQuery;

use crate::query::Query;

/// The path that answers with the graph this query asks for.
pub fn graph(query: &TopologyQuery) -> String {
    Query::of(query).on(path::TOPOLOGY)
}
