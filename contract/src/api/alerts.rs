//! Alerts: what fires now and what fired before.

use serde::{Deserialize, Serialize};

use crate::Alert;

/// `GET /alerts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AlertsView {
    /// Pending, firing and recovering ones, the worst first.
    pub active: Vec<Alert>,
    /// Resolved ones, newest first, at most 200.
    pub ended: Vec<Alert>,
}
