//! What an entity of one connection stands for that another connection may watch: the far end of a bridge.

use serde::{Deserialize, Serialize};

use crate::{EntityKey, System};

/// Something of a broker that lies outside of the connection which knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Elsewhere {
    pub system: System,
    pub at: Site,
    /// The keys that it may have there, the likeliest first: from outside a RabbitMQ queue looks like a stream.
    pub keys: Vec<EntityKey>,
}

/// Which broker it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// The one that clients reach under one of these, written as [`crate::ServerInfo::addresses`] are.
    Addresses(Vec<String>),
    /// The one whose cluster has this name.
    Cluster(String),
    /// Whoever watches it: its key is the same everywhere, such as account, region and name in a cloud.
    Anywhere,
}
