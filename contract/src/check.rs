//! Health checks: the table of what is checked, and one result.

use serde::{Deserialize, Serialize};

use crate::{Absence, EntityKey, Status};

/// A check by its stable name, such as `memory_alarm`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct CheckId(pub String);

/// A row of a collector's check table: what the check is about and what to do when it fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CheckDef {
    pub id: CheckId,
    pub label: String,
    /// One sentence: what is true when this check is ok.
    pub meaning: String,
    /// What to do when it is not.
    pub remedy: String,
}

impl CheckDef {
    pub fn new(id: &str, label: &str, meaning: &str, remedy: &str) -> CheckDef {
        CheckDef {
            id: CheckId(id.into()),
            label: label.into(),
            meaning: meaning.into(),
            remedy: remedy.into(),
        }
    }
}

/// The outcome of one check on one entity (a node, the cluster, a virtual host).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CheckResult {
    pub entity: EntityKey,
    pub check: CheckId,
    pub status: Status,
    /// What was seen, with the deciding number, e.g. "memory 312 MB of 256 MB allowed".
    pub text: String,
    /// For [`Status::Unknown`]: why.
    pub absent: Option<Absence>,
}
