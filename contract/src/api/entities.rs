//! Destinations, subscriptions and the page of one entity.

use serde::{Deserialize, Serialize};

use crate::api::topology::{ConnectionName, EdgeView, NodeView};
use crate::entity::EntityRef;
use crate::{Absence, Attribute, Judgement, MetricId, Reading, Rule, System, Timestamp};

/// A row of the table of destinations or subscriptions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityRow {
    pub entity: EntityRef,
    pub connection_name: String,
    pub system: System,
    pub internal: bool,
    pub judgement: Judgement,
    pub depth: Reading,
    /// This and what follows: of a log, which has no such number itself, that of the reader furthest behind, and for
    /// in flight, rate out and consumers that of its readers together.
    pub in_flight: Reading,
    pub lag: Reading,
    pub lag_seconds: Reading,
    pub oldest_age: Reading,
    /// Messages per second.
    pub rate_in: Reading,
    pub rate_out: Reading,
    pub consumers: Reading,
    /// Where this destination sends what it gives up.
    pub dead_letter: Option<EntityRef>,
    /// The last hour of depth or lag, oldest first, evenly spaced; `None` is a gap.
    pub line: Vec<Option<f32>>,
}

/// Query of `GET /destinations` and `GET /subscriptions`; every part is optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RowsQuery {
    /// Part of a name, any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<i64>,
    /// A system's slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// A verdict's slug, or `attention` for all that are not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// An entity kind's slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A column: `verdict` (worst first, the default), `name`, `connection`, `depth`, `in_flight`, `lag`,
    /// `lag_seconds`, `rate_in`, `rate_out`, `consumers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// `asc` or `desc`; each column has its natural default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Include what belongs to the broker itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// At most 500; 100 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// `GET /destinations` and `GET /subscriptions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Rows {
    #[serde(flatten)]
    pub page: super::Page<EntityRow>,
    /// How many entities each verdict has, before the verdict filter is applied; worst first.
    pub verdicts: Vec<VerdictCount>,
    pub as_of: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct VerdictCount {
    pub verdict: crate::Verdict,
    pub count: usize,
}

/// `GET /entities/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityDetail {
    pub row: EntityRow,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Set when the broker no longer has it; its history is still here.
    pub deleted_at: Option<Timestamp>,
    pub parent: Option<EntityRef>,
    pub attributes: Vec<Attribute>,
    /// Every metric this entity has or should have, in display order.
    pub metrics: Vec<MetricView>,
    pub parts: Vec<PartView>,
    /// Entities one step away, and the edges to them; this entity is among the nodes.
    pub nodes: Vec<NodeView>,
    pub edges: Vec<EdgeView>,
    /// The connections that these nodes belong to.
    #[serde(default)]
    pub connections: Vec<ConnectionName>,
    /// Of what is outside of this connection: whether another one watches it.
    #[serde(default)]
    pub far_end: Option<FarEnd>,
    /// The enabled rules that watch it, to be drawn beside its values.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Revision of the connection that this answer shows.
    pub revision: u64,
}

/// What becomes of the far end of a bridge: in the graph one that is watched is shown as what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FarEnd {
    Watched(EntityRef),
    /// No connection watches that broker.
    NotWatched,
    /// A connection watches that broker, and knows of no such thing there.
    NotThere,
    /// It would be what it is connected to here.
    Itself,
    /// Connections to several brokers fit, so that it cannot be told which of them it is.
    Ambiguous,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MetricView {
    pub metric: MetricId,
    /// A counter's reading is its rate per second.
    pub reading: Reading,
    /// Why there is no reading, in a sentence.
    pub why: Option<String>,
}

/// A partition, consumer or member with its own numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PartView {
    pub entity: EntityRef,
    pub attributes: Vec<Attribute>,
    pub readings: Vec<MetricView>,
    pub absent: Option<Absence>,
}
