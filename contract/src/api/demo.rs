//! The demo shop: its faults, which can be switched, and what became of its orders.

use serde::{Deserialize, Serialize};

use crate::ConnectionId;

/// `GET /demo`; a 404 problem while the demo is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DemoView {
    /// The connection to the shop's broker.
    pub connection: ConnectionId,
    /// Every fault there is, in a fixed order.
    pub faults: Vec<FaultView>,
    pub totals: OrderTotals,
    /// Services that have ended though nobody stopped them; they come back when the demo is switched off and on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended_services: Vec<String>,
}

/// One fault that can be switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FaultView {
    /// Its name in addresses: `PUT /demo/faults/{slug}`.
    pub slug: String,
    pub title: String,
    /// One sentence: what to expect.
    pub expect: String,
    pub place: FaultPlace,
    /// What to search for there; empty when everything is to be seen.
    pub search: String,
    pub on: bool,
}

/// The page where a fault shows best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FaultPlace {
    Overview,
    Destinations,
    Subscriptions,
    Health,
}

/// `PUT /demo/faults/{slug}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FaultRequest {
    pub on: bool,
}

/// What became of the shop's orders. `orders` is always the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OrderTotals {
    pub orders: u64,
    pub completed: u64,
    pub cancelled: u64,
    pub in_flight: u64,
}
