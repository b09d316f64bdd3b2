//! Alert thresholds and the alerts they raise.

use serde::{Deserialize, Serialize};

use crate::connection::Origin;
use crate::entity::EntityRef;
use crate::{ConnectionId, EntityId, EntityKind, MetricId, System, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RuleId(pub i64);

/// A threshold on one metric over a scope of entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Rule {
    /// 0 in a request to create one.
    #[serde(default = "unsaved")]
    pub id: RuleId,
    pub name: String,
    /// A counter is compared as its rate per second.
    pub metric: MetricId,
    #[serde(default)]
    pub scope: Scope,
    pub comparison: Comparison,
    /// The value beyond which the rule fires.
    pub fire: f64,
    /// The value that must be reached again before it clears; on the other side of `fire` or equal to it.
    pub clear: f64,
    /// How long the condition must hold before the alert fires.
    #[serde(default)]
    pub for_seconds: u32,
    /// How long the clear condition must hold before the alert ends.
    #[serde(default)]
    pub keep_firing_seconds: u32,
    pub severity: Severity,
    #[serde(default = "enabled")]
    pub enabled: bool,
    #[serde(default = "on_the_page")]
    pub origin: Origin,
}

fn unsaved() -> RuleId {
    RuleId(0)
}

fn enabled() -> bool {
    true
}

fn on_the_page() -> Origin {
    Origin::Page
}

/// Which entities a rule watches: all that match every part that is set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Scope {
    pub connection: Option<ConnectionId>,
    pub system: Option<System>,
    pub kind: Option<EntityKind>,
    pub entity: Option<EntityId>,
    /// A name with `*` for any characters and `?` for one, compared with the whole name.
    pub name_pattern: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Above,
    Below,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Critical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The condition holds, not yet for long enough.
    Pending,
    Firing,
    /// The clear condition holds, not yet for long enough.
    Recovering,
    Resolved,
}

/// One rule on one entity, from its first firing to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Alert {
    pub id: i64,
    pub rule: RuleId,
    pub rule_name: String,
    pub metric: MetricId,
    pub severity: Severity,
    pub state: AlertState,
    pub entity: EntityRef,
    pub connection_name: String,
    /// When the condition first held.
    pub active_at: Timestamp,
    pub fired_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The last judged value, and the threshold that it crossed.
    pub value: Option<f64>,
    pub threshold: f64,
    /// One sentence with the number, the threshold and the duration.
    pub sentence: String,
}
