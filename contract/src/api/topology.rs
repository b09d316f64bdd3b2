//! The live graph of services, destinations and subscriptions.

use serde::{Deserialize, Serialize};

use crate::api::entities::VerdictCount;
use crate::entity::EntityRef;
use crate::{ConnectionId, EntityId, EntityKind, Evidence, LinkKind, Reading, System, Timestamp, Verdict};

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
    /// Part of a name, any case: of what has it, the first forty are not put into groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub find: Option<String>,
    /// Entities that are not put into groups, by id, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Groups that are shown as what they hold, by id, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// Put nothing into groups, however much there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<bool>,
}

/// `GET /topology`. More than 150 entities are gathered into groups by kind and by the beginnings of their names, so
/// that about as many boxes are left as a person can take in; what needs a person stays on its own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Topology {
    /// What is shown on its own.
    pub nodes: Vec<NodeView>,
    pub groups: Vec<GroupView>,
    /// Between nodes and groups; not those inside of a group.
    pub edges: Vec<EdgeView>,
    /// How many entities there are without focus and filters.
    pub total: usize,
    /// How many focus and filters leave, those in groups included.
    pub matching: usize,
    /// How many of these need a person.
    pub troubled: usize,
    /// There are so many that they are gathered, unless each group was asked to be open.
    pub gathered: bool,
    /// The connections that these nodes and groups belong to.
    #[serde(default)]
    pub connections: Vec<ConnectionName>,
    pub as_of: Option<Timestamp>,
}

/// A connection as the graph names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ConnectionName {
    pub id: ConnectionId,
    pub name: String,
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

/// Entities of one connection, kind and scope whose names begin alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct GroupView {
    /// Negative, so that it is never an entity's; the same as long as the group's names begin the same way.
    pub id: EntityId,
    pub connection: ConnectionId,
    pub system: System,
    pub kind: EntityKind,
    pub scope: String,
    /// How the names begin; empty when they have nothing in common.
    pub prefix: String,
    pub count: usize,
    /// How many have which verdict, worst first.
    pub verdicts: Vec<VerdictCount>,
    /// The sum of what waits, of those of which it is known.
    pub waiting: Option<f64>,
    /// The worst of them, at most eight.
    pub worst: Vec<NodeView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EdgeView {
    /// An entity or a group.
    pub from: EntityId,
    pub to: EntityId,
    pub kind: LinkKind,
    /// The strongest, where it stands for several.
    pub evidence: Evidence,
    /// Routing keys and the like; several links between the same two entities are one edge. None into or out of groups.
    pub labels: Vec<String>,
    /// Messages per second, where it is known for this edge; the sum, where it stands for several.
    pub rate: Reading,
    /// How many edges between entities it stands for.
    pub count: usize,
    /// Of what the messages go into or wait in; the worst, where it stands for several.
    pub verdict: Verdict,
    /// Whether there is any sign that messages pass, beside the declaration.
    pub seen: bool,
    /// It leads from one connection into another: a shovel, a mirror, a subscription of another account.
    #[serde(default)]
    pub crosses: bool,
}
