//! The steps of "test connection", reported one by one while they happen.

use serde::{Deserialize, Serialize};

/// One step: name lookup, TCP, TLS, login, a permission, what will be visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ProbeStep {
    /// e.g. "Name lookup of rabbit.example".
    pub title: String,
    pub outcome: StepOutcome,
    /// What was seen, e.g. "RabbitMQ 4.3.6, 3 nodes" or the error in plain words.
    pub detail: String,
    /// What to do when it did not go well.
    pub remedy: Option<String>,
    /// How long the step took, in milliseconds.
    pub millis: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    Passed,
    /// Works, but something will be missing; `detail` says what.
    Limited,
    Failed,
    /// Not tried, because an earlier step failed or it does not apply.
    Skipped,
}
