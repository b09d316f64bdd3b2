//! Health checks with their meaning, their remedy and their history.

use serde::{Deserialize, Serialize};

use crate::api::connections::Beat;
use crate::entity::EntityRef;
use crate::{Absence, CheckDef, ConnectionId, Judgement, Status, System, Timestamp};

/// `GET /health`: one entry per connection, the worst first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct HealthView {
    pub connection: ConnectionId,
    pub name: String,
    pub system: System,
    pub judgement: Judgement,
    pub last_answer_at: Option<Timestamp>,
    pub beats: Vec<Beat>,
    pub uptime: Option<f64>,
    pub checks: Vec<CheckView>,
}

/// The present state of one check on one node or cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CheckView {
    pub entity: EntityRef,
    pub def: CheckDef,
    pub status: Status,
    pub text: String,
    pub absent: Option<Absence>,
    /// Since when it has this status.
    pub since: Timestamp,
    pub checked_at: Timestamp,
    /// Earlier changes of status, newest first, at most 20.
    pub history: Vec<CheckChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CheckChange {
    pub at: Timestamp,
    pub status: Status,
    pub text: String,
}
