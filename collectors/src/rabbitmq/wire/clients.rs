//! Connections, channels, consumers, and what streams know of theirs.

use serde::Deserialize;

use super::MessageStats;
use crate::rabbitmq::loose;

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

impl Consumer {
    /// Readers of the stream protocol are among the consumers of all queues too, under tags of their own.
    pub fn is_of_streams(&self) -> bool {
        self.consumer_tag.starts_with("stream.subid-")
    }
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
    /// Messages between the last one that it was sent and the end of the stream. Zero before it was sent any.
    #[serde(deserialize_with = "loose::number")]
    pub offset_lag: Option<f64>,
    /// False while another one of the same name is the single active consumer.
    pub active: Option<bool>,
    #[serde(deserialize_with = "loose::object")]
    pub properties: StreamProperties,
    /// Messages that it was sent since it subscribed.
    #[serde(deserialize_with = "loose::number")]
    pub consumed: Option<f64>,
}

/// What the reader itself gave.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamProperties {
    /// Under which the broker keeps its position, when it asks for that.
    #[serde(deserialize_with = "loose::text")]
    pub name: Option<String>,
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
