//! Alert rules and the preview of what a rule would have done.

use serde::{Deserialize, Serialize};

use crate::api::series::Line;
use crate::entity::EntityRef;
use crate::{Rule, Timestamp};

/// `GET /rules`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RuleView {
    pub rule: Rule,
    /// How many entities it watches now.
    pub matches: usize,
    pub firing: usize,
    /// Why it does nothing at present, e.g. "no entity matches".
    pub problem: Option<String>,
}

/// `POST /rules/preview`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PreviewRequest {
    pub rule: Rule,
    pub from: Timestamp,
    pub to: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<usize>,
}

/// What the rule would have done over the stored past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Preview {
    /// How many entities the scope matches.
    pub matches: usize,
    /// How many of those were evaluated; fewer than `matches` when there are very many.
    pub evaluated: usize,
    /// How often it would have fired, over all entities.
    pub fired: usize,
    pub firing_seconds: f64,
    /// How often it would have fired had `clear` been equal to `fire`.
    pub fired_with_one_threshold: usize,
    /// One sentence that says all this.
    pub sentence: String,
    /// The entities that fire most, at most five, with their lines.
    pub entities: Vec<PreviewEntity>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PreviewEntity {
    pub entity: EntityRef,
    pub line: Line,
    pub firings: Vec<Firing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Firing {
    pub from: Timestamp,
    /// `None`: still firing at the end of the previewed range.
    pub to: Option<Timestamp>,
}
