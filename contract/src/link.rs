//! The edges of the topology: what leads from where to where, and how that is known.

use serde::{Deserialize, Serialize};

use crate::EntityKey;

/// A directed edge of the topology inside one connection; messages flow from `from` to `to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Link {
    pub from: EntityKey,
    pub to: EntityKey,
    pub kind: LinkKind,
    /// A routing key, a pattern, a policy's name: what distinguishes and explains this edge.
    pub label: Option<String>,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A service sends to a destination.
    Publishes,
    /// An exchange routes to a queue or another exchange.
    Binding,
    /// Where an exchange sends what it cannot route.
    AlternateExchange,
    /// Where a queue sends what it gives up.
    DeadLetter,
    /// A topic or queue is read through a subscription.
    Subscribes,
    /// A service reads a queue or a subscription.
    Consumes,
    /// A subscription pushes what it gets into a queue or to an address.
    Delivers,
    /// Messages are copied over by the broker or beside it: mirror, source, shovel, federation, replication, connector.
    Copies,
}

/// How an edge is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Configured: a binding, an argument, a policy.
    Declared,
    /// The broker reports live clients on it.
    Connected,
    /// Messages were counted on it.
    Counted,
    /// Concluded from names; may be wrong.
    Inferred,
}
