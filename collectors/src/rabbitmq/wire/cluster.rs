//! What the broker says about the cluster as a whole, its nodes and itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::MessageStats;
use crate::rabbitmq::loose;

/// `/api/whoami`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WhoAmI {
    pub name: String,
    /// A list; one text with commas before 3.9.
    pub tags: Value,
}

impl WhoAmI {
    /// Whether the user may see nodes, and connections of other users.
    pub fn is_monitor(&self) -> bool {
        self.has(&["monitoring", "administrator"])
    }

    /// Whether the user may read the definitions of shovels and upstreams.
    pub fn reads_definitions(&self) -> bool {
        self.has(&["policymaker", "administrator"])
    }

    fn has(&self, wanted: &[&str]) -> bool {
        let has = |tag: &str| wanted.contains(&tag.trim());
        match &self.tags {
            Value::Array(tags) => tags.iter().filter_map(Value::as_str).any(has),
            Value::String(tags) => tags.split(',').any(has),
            _ => false,
        }
    }
}

/// `/api/overview`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Overview {
    #[serde(deserialize_with = "loose::text")]
    pub rabbitmq_version: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub management_version: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub cluster_name: Option<String>,
    /// The node that answered.
    #[serde(deserialize_with = "loose::text")]
    pub node: Option<String>,
    /// `basic`, `detailed` or `none`.
    #[serde(deserialize_with = "loose::text")]
    pub rates_mode: Option<String>,
    #[serde(deserialize_with = "loose::flag")]
    pub disable_stats: bool,
    #[serde(deserialize_with = "loose::object")]
    pub message_stats: MessageStats,
    #[serde(deserialize_with = "loose::object")]
    pub queue_totals: QueueTotals,
    #[serde(deserialize_with = "loose::object")]
    pub object_totals: ObjectTotals,
    /// Only for users who may see nodes.
    #[serde(deserialize_with = "loose::list")]
    pub listeners: Vec<Listener>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct ObjectTotals {
    #[serde(deserialize_with = "loose::number")]
    pub queues: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub connections: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub channels: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub consumers: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct QueueTotals {
    #[serde(deserialize_with = "loose::number")]
    pub messages_ready: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_unacknowledged: Option<f64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Listener {
    pub node: String,
    /// `amqp`, `amqp/ssl`, `http`, `http/prometheus`, `https/prometheus`, ...
    pub protocol: String,
    pub ip_address: String,
    #[serde(deserialize_with = "loose::number")]
    pub port: Option<f64>,
    #[serde(deserialize_with = "loose::flag")]
    pub tls: bool,
}

/// One of `/api/nodes`. A node that does not run has little more than its name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    pub name: String,
    #[serde(deserialize_with = "loose::flag")]
    pub running: bool,
    /// In maintenance: it takes no clients.
    #[serde(deserialize_with = "loose::flag")]
    pub being_drained: bool,
    /// `disc` or `ram`.
    #[serde(rename = "type", deserialize_with = "loose::text")]
    pub storage: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub rabbitmq_version: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub erlang_version: Option<String>,
    /// Milliseconds.
    #[serde(deserialize_with = "loose::number")]
    pub uptime: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub mem_used: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub mem_limit: Option<f64>,
    #[serde(deserialize_with = "loose::flag")]
    pub mem_alarm: bool,
    #[serde(deserialize_with = "loose::number")]
    pub disk_free: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub disk_free_limit: Option<f64>,
    #[serde(deserialize_with = "loose::flag")]
    pub disk_free_alarm: bool,
    #[serde(deserialize_with = "loose::number")]
    pub fd_used: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub fd_total: Option<f64>,
    /// Names of the nodes that this one lost.
    #[serde(deserialize_with = "loose::list")]
    pub partitions: Vec<String>,
    #[serde(deserialize_with = "loose::number")]
    pub connection_created: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub connection_closed: Option<f64>,
    #[serde(deserialize_with = "loose::list")]
    pub enabled_plugins: Vec<String>,
}

/// One of `/api/vhosts`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Vhost {
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub default_queue_type: Option<String>,
    #[serde(deserialize_with = "loose::flag")]
    pub tracing: bool,
    /// State by node: `running`, `stopped`, `nodedown`, ...
    #[serde(deserialize_with = "loose::object")]
    pub cluster_state: BTreeMap<String, String>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_ready: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_unacknowledged: Option<f64>,
    #[serde(deserialize_with = "loose::object")]
    pub message_stats: MessageStats,
}

/// The body of an error and of a health check.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Explanation {
    #[serde(deserialize_with = "loose::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub error: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub reason: Option<String>,
}
