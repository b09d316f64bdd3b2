//! Alerts: what fires now and what fired before.

use serde::{Deserialize, Serialize};

use crate::Alert;
use crate::api::path;

/// The last part of the path of an alert's chart.
pub const CHART: &str = "chart.png";

/// `GET /alerts/{id}/chart.png`: the figure around the time in which it fired, as a picture.
pub fn chart(id: i64) -> String {
    format!("{}/{id}/{CHART}", path::ALERTS)
}

/// `GET /alerts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AlertsView {
    /// Pending, firing and recovering ones, the worst first.
    pub active: Vec<Alert>,
    /// Resolved ones, newest first, at most 200.
    pub ended: Vec<Alert>,
}
