//! The shapes of the management API's answers, as far as they are read; versions 3.8 to 4.3.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::loose;
use super::names::{Name, QueueType};

/// Arguments of an object or the definition of a policy.
pub type Arguments = BTreeMap<String, Value>;

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
        let has = |tag: &str| matches!(tag.trim(), "monitoring" | "administrator");
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

/// Counters of a queue, virtual host, channel or the cluster. Absent until something happened: that is no zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct MessageStats {
    #[serde(deserialize_with = "loose::number")]
    pub publish: Option<f64>,
    /// Into an exchange, from channels.
    #[serde(deserialize_with = "loose::number")]
    pub publish_in: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub deliver_get: Option<f64>,
    /// Delivered to a consumer that does not acknowledge.
    #[serde(deserialize_with = "loose::number")]
    pub deliver_no_ack: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub get_no_ack: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub ack: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub redeliver: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub drop_unroutable: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub return_unroutable: Option<f64>,
}

impl MessageStats {
    /// Messages that need no further acknowledgement, those acknowledged by the fact of their delivery included.
    pub fn settled(&self) -> Option<f64> {
        Some(self.ack? + self.deliver_no_ack.unwrap_or(0.0) + self.get_no_ack.unwrap_or(0.0))
    }

    pub fn unroutable(&self) -> Option<f64> {
        match (self.drop_unroutable, self.return_unroutable) {
            (None, None) => None,
            (dropped, returned) => Some(dropped.unwrap_or(0.0) + returned.unwrap_or(0.0)),
        }
    }
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

/// One of `/api/queues`, whatever was asked for: lists with and without figures have the same shape.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Queue {
    pub vhost: String,
    pub name: String,
    #[serde(rename = "type", deserialize_with = "loose::text")]
    pub queue_type: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub state: Option<String>,
    #[serde(deserialize_with = "loose::flag")]
    pub durable: bool,
    #[serde(deserialize_with = "loose::flag")]
    pub auto_delete: bool,
    #[serde(deserialize_with = "loose::flag")]
    pub exclusive: bool,
    /// Made by a plugin for itself.
    #[serde(deserialize_with = "loose::flag")]
    pub internal: bool,
    #[serde(deserialize_with = "loose::text")]
    pub node: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub leader: Option<String>,
    #[serde(deserialize_with = "loose::list")]
    pub members: Vec<String>,
    #[serde(deserialize_with = "loose::list")]
    pub online: Vec<String>,
    #[serde(deserialize_with = "loose::text")]
    pub policy: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub operator_policy: Option<String>,
    /// What policy and operator policy come to; lists without figures have it since 4.0.
    #[serde(deserialize_with = "loose::object_if_any")]
    pub effective_policy_definition: Option<Arguments>,
    #[serde(deserialize_with = "loose::object")]
    pub arguments: Arguments,
    #[serde(deserialize_with = "loose::number")]
    pub delivery_limit: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_ready: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_unacknowledged: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub consumers: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub consumer_capacity: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub message_bytes: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub memory: Option<f64>,
    /// Seconds, by the publisher's clock.
    #[serde(deserialize_with = "loose::number")]
    pub head_message_timestamp: Option<f64>,
    #[serde(deserialize_with = "loose::object")]
    pub message_stats: MessageStats,
}

impl Queue {
    pub fn key(&self) -> Name {
        Name::new(&self.vhost, &self.name)
    }

    pub fn kind(&self) -> QueueType {
        self.queue_type.as_deref().map_or(QueueType::Classic, QueueType::parse)
    }
}

/// One of `/api/exchanges`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Exchange {
    pub vhost: String,
    pub name: String,
    /// `direct`, `topic`, `fanout`, `headers`, or a plugin's.
    #[serde(rename = "type")]
    pub exchange_type: String,
    #[serde(deserialize_with = "loose::flag")]
    pub durable: bool,
    #[serde(deserialize_with = "loose::flag")]
    pub auto_delete: bool,
    #[serde(deserialize_with = "loose::flag")]
    pub internal: bool,
    #[serde(deserialize_with = "loose::text")]
    pub policy: Option<String>,
    #[serde(deserialize_with = "loose::object")]
    pub arguments: Arguments,
    #[serde(deserialize_with = "loose::object")]
    pub message_stats: MessageStats,
}

impl Exchange {
    pub fn key(&self) -> Name {
        Name::new(&self.vhost, &self.name)
    }
}

/// `/api/exchanges/{vhost}/{name}`: who publishes, with `rates_mode` detailed only.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ExchangeTraffic {
    #[serde(deserialize_with = "loose::list")]
    pub incoming: Vec<Incoming>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Incoming {
    #[serde(deserialize_with = "loose::object")]
    pub channel_details: ChannelDetails,
}

/// One of `/api/bindings`. A source without a name is the default exchange's own, which every queue has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Binding {
    pub vhost: String,
    pub source: String,
    pub destination: String,
    /// `queue` or `exchange`.
    pub destination_type: String,
    pub routing_key: String,
    #[serde(deserialize_with = "loose::object")]
    pub arguments: Arguments,
}

/// One of `/api/policies` and `/api/operator-policies`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Policy {
    pub vhost: String,
    pub name: String,
    #[serde(deserialize_with = "loose::object")]
    pub definition: Arguments,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChannelDetails {
    #[serde(deserialize_with = "loose::text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub connection_name: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub user: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub peer_host: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueueRef {
    pub vhost: String,
    pub name: String,
}

/// One of `/api/consumers`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Consumer {
    pub queue: QueueRef,
    #[serde(deserialize_with = "loose::object")]
    pub channel_details: ChannelDetails,
    pub consumer_tag: String,
    #[serde(deserialize_with = "loose::number")]
    pub prefetch_count: Option<f64>,
    #[serde(deserialize_with = "loose::flag")]
    pub ack_required: bool,
    #[serde(deserialize_with = "loose::flag")]
    pub exclusive: bool,
    /// False while another one is the single active consumer.
    pub active: Option<bool>,
    /// `up`, `waiting`, `single_active`, `suspected_down`.
    #[serde(deserialize_with = "loose::text")]
    pub activity_status: Option<String>,
    /// Milliseconds until an unacknowledged delivery closes the channel.
    #[serde(deserialize_with = "loose::number")]
    pub consumer_timeout: Option<f64>,
}

/// One of `/api/channels`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Channel {
    pub name: String,
    pub vhost: String,
    #[serde(deserialize_with = "loose::object")]
    pub connection_details: ConnectionDetails,
    #[serde(deserialize_with = "loose::number")]
    pub consumer_count: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub messages_unacknowledged: Option<f64>,
    #[serde(deserialize_with = "loose::object")]
    pub message_stats: MessageStats,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConnectionDetails {
    pub name: String,
}

/// One of `/api/connections`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Connection {
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub user_provided_name: Option<String>,
    #[serde(deserialize_with = "loose::object")]
    pub client_properties: ClientProperties,
    #[serde(deserialize_with = "loose::text")]
    pub user: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub vhost: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub node: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub peer_host: Option<String>,
    /// `AMQP 0-9-1`, `AMQP 1-0`, `MQTT 3.1.1`, `stream`, ...
    #[serde(deserialize_with = "loose::text")]
    pub protocol: Option<String>,
    /// `running`, `blocked`, `blocking`, `flow`.
    #[serde(deserialize_with = "loose::text")]
    pub state: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ClientProperties {
    #[serde(deserialize_with = "loose::text")]
    pub connection_name: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub product: Option<String>,
}

/// One of `/api/stream/consumers`, where the stream management plugin is enabled.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamConsumer {
    pub queue: QueueRef,
    #[serde(deserialize_with = "loose::object")]
    pub connection_details: StreamConnection,
    #[serde(deserialize_with = "loose::number")]
    pub subscription_id: Option<f64>,
    /// Messages between the consumer and the end of the stream.
    #[serde(deserialize_with = "loose::number")]
    pub offset_lag: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub offset: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub consumed: Option<f64>,
}

/// One of `/api/stream/publishers`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamPublisher {
    pub queue: QueueRef,
    #[serde(deserialize_with = "loose::object")]
    pub connection_details: StreamConnection,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamConnection {
    #[serde(deserialize_with = "loose::text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub user: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub peer_host: Option<String>,
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
