//! Connections of clients, leaf nodes and gateways.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Connz {
    pub total: usize,
    pub connections: Vec<Connection>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Connection {
    pub cid: u64,
    pub ip: String,
    pub port: u16,
    pub name: String,
    pub lang: String,
    pub version: String,
    pub authorized_user: String,
    /// In operator mode a public key.
    pub account: String,
    /// The account's name.
    pub name_tag: String,
    pub pending_bytes: f64,
    pub subscriptions: f64,
    #[serde(rename = "subscriptions_list_detail")]
    pub subscribed: Vec<Subscription>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Subscription {
    pub subject: String,
    #[serde(rename = "qgroup")]
    pub queue: String,
}

/// A connection that is gone, from the server's ring of the last ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Closed {
    pub now: String,
    pub connections: Vec<ClosedConnection>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ClosedConnection {
    #[serde(flatten)]
    pub was: Connection,
    pub stop: String,
    pub reason: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Leafz {
    pub leafs: Vec<Leaf>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Leaf {
    pub name: String,
    pub account: String,
    pub ip: String,
    /// Whether the answering server is the leaf, and the other one its hub.
    pub is_spoke: bool,
    pub in_msgs: f64,
    pub out_msgs: f64,
    pub in_bytes: f64,
    pub out_bytes: f64,
    pub subscriptions: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Gatewayz {
    /// Of the answering server's own cluster.
    pub name: String,
    pub outbound_gateways: BTreeMap<String, Outbound>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Outbound {
    pub configured: bool,
    /// Missing while it is not connected.
    pub connection: Option<Connection>,
}
