//! Stored values over time, ready to be drawn.

use serde::{Deserialize, Serialize};

use crate::{Absence, EntityId, MetricId, Timestamp, Unit};

/// Query of `GET /series`. Several metrics of one entity come in one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeriesQuery {
    pub entity: EntityId,
    /// Metric names, separated by commas.
    pub metrics: String,
    pub from: Timestamp,
    pub to: Timestamp,
    /// How many steps at most; twice the width of the chart in pixels is plenty. 600 when left out, at most 4,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SeriesAnswer {
    pub from: Timestamp,
    pub to: Timestamp,
    pub lines: Vec<Line>,
}

/// One metric of one entity in even steps. Counters come as rates per second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Line {
    pub entity: EntityId,
    pub metric: MetricId,
    pub unit: Unit,
    /// True when the values are per second.
    pub per_second: bool,
    /// The time of `values[0]`; the others follow every `step_millis`.
    pub start: Timestamp,
    pub step_millis: i64,
    /// The mean of each step; `None` where nothing was measured: a gap.
    pub values: Vec<Option<f64>>,
    /// The extremes of each step where a step holds several points; empty when each holds one.
    pub min: Vec<Option<f64>>,
    pub max: Vec<Option<f64>>,
    /// Why there is nothing at all.
    pub absent: Option<Absence>,
}
