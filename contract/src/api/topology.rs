//! The live graph of services, destinations and subscriptions.

use serde::{Deserialize, Serialize};

use crate::entity::EntityRef;
use crate::{EntityId, Evidence, LinkKind, Reading, System, Timestamp, Verdict};

/// Query of `GET /topology`; every part is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TopologyQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<i64>,
    /// Only what is within `hops` steps of this entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<i64>,
    /// 2 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops: Option<usize>,
    /// Include what belongs to the broker itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Topology {
    pub nodes: Vec<NodeView>,
    pub edges: Vec<EdgeView>,
    /// How many nodes there are without focus and filters.
    pub total: usize,
    pub as_of: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NodeView {
    pub entity: EntityRef,
    pub system: System,
    pub verdict: Verdict,
    pub sentence: String,
    /// Depth of a destination, lag of a subscription.
    pub waiting: Reading,
    pub lag_seconds: Reading,
    pub rate_in: Reading,
    /// How many of its neighbours are outside this answer.
    pub hidden_neighbours: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EdgeView {
    pub from: EntityId,
    pub to: EntityId,
    pub kind: LinkKind,
    pub evidence: Evidence,
    /// Routing keys and the like; several links between the same two entities are one edge.
    pub labels: Vec<String>,
    /// Messages per second, where it is known for this edge.
    pub rate: Reading,
}
