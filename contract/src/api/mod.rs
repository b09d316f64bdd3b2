//! Requests and answers of `/api/v1`, one file per resource, and the paths they live at.

pub mod alerts;
pub mod connections;
pub mod demo;
pub mod entities;
pub mod events;
pub mod health;
pub mod overview;
pub mod rules;
pub mod series;
pub mod topology;
pub mod webhook;

/// Every path of the API, relative to the server's root. `{}` stands for an id.
pub mod path {
    pub const OVERVIEW: &str = "/api/v1/overview";
    pub const SYSTEMS: &str = "/api/v1/systems";
    pub const METRICS: &str = "/api/v1/metrics";
    pub const CONNECTIONS: &str = "/api/v1/connections";
    /// `POST`: newline-delimited [`crate::ProbeStep`]s, one as each step ends.
    pub const CONNECTION_TEST: &str = "/api/v1/connections/test";
    pub const DESTINATIONS: &str = "/api/v1/destinations";
    pub const SUBSCRIPTIONS: &str = "/api/v1/subscriptions";
    /// `GET /api/v1/entities/{id}`.
    pub const ENTITIES: &str = "/api/v1/entities";
    pub const SERIES: &str = "/api/v1/series";
    pub const TOPOLOGY: &str = "/api/v1/topology";
    pub const HEALTH: &str = "/api/v1/health";
    pub const RULES: &str = "/api/v1/rules";
    pub const RULE_PREVIEW: &str = "/api/v1/rules/preview";
    pub const ALERTS: &str = "/api/v1/alerts";
    pub const WEBHOOK: &str = "/api/v1/webhook";
    pub const WEBHOOK_TEST: &str = "/api/v1/webhook/test";
    pub const EVENTS: &str = "/api/v1/events";
    pub const DEMO: &str = "/api/v1/demo";
    /// `PUT /api/v1/demo/faults/{slug}`.
    pub const DEMO_FAULTS: &str = "/api/v1/demo/faults";
    pub const DEMO_RESET: &str = "/api/v1/demo/reset";
}

use serde::{Deserialize, Serialize};

/// One page of a longer list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many items match in all.
    pub total: usize,
    /// Position of the first item of this page in the whole sorted list.
    pub offset: usize,
    /// Give this as `cursor` to get the next page; `None` on the last one.
    pub next: Option<String>,
}
