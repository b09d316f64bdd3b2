//! Server-sent events: they say that something changed, never what; the page then asks.

use serde::{Deserialize, Serialize};

use crate::ConnectionId;

/// The data of one server-sent event on `GET /events`; the event's name is always `change`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Event {
    /// A visit was stored.
    Revision { connection: ConnectionId, revision: u64 },
    /// Connections were added, changed, paused or removed.
    Connections,
    /// Alerts fired, recovered or ended, or rules changed.
    Alerts { firing: usize },
}
