//! Queues, exchanges, bindings and policies.

use serde::Deserialize;

use super::{Arguments, ChannelDetails, MessageStats};
use crate::rabbitmq::loose;
use crate::rabbitmq::names::{Name, QueueType};

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
