//! Shovels, federation links, and the parameters that define shovels.

use serde::Deserialize;

use crate::rabbitmq::bridges::address::{self, Address};
use crate::rabbitmq::loose;

/// One of `/api/shovels`. One that does not run has little more than its name and its state.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Shovel {
    pub name: String,
    /// Shovels of the configuration file have none.
    #[serde(deserialize_with = "loose::text")]
    pub vhost: Option<String>,
    /// `dynamic` or `static`.
    #[serde(rename = "type", deserialize_with = "loose::text")]
    pub definition: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub node: Option<String>,
    /// `starting`, `running`, `flow`, `blocked`, `terminated`.
    pub state: String,
    #[serde(deserialize_with = "loose::text")]
    pub reason: Option<String>,
    #[serde(deserialize_with = "address::read")]
    pub src_uri: Option<Address>,
    #[serde(deserialize_with = "address::read")]
    pub dest_uri: Option<Address>,
    #[serde(flatten)]
    pub places: Places,
    /// Since version 4.1, as are the next ones.
    #[serde(deserialize_with = "loose::number")]
    pub forwarded: Option<f64>,
    #[serde(deserialize_with = "loose::number")]
    pub pending: Option<f64>,
}

/// Where a shovel takes messages and where it puts them. Called alike in its state and, with hyphens, in its definition.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Places {
    #[serde(alias = "src-queue", deserialize_with = "loose::text")]
    pub src_queue: Option<String>,
    #[serde(alias = "src-exchange", deserialize_with = "loose::text")]
    pub src_exchange: Option<String>,
    #[serde(alias = "src-exchange-key", deserialize_with = "loose::text")]
    pub src_exchange_key: Option<String>,
    /// Of AMQP 1.0.
    #[serde(alias = "src-address", deserialize_with = "loose::text")]
    pub src_address: Option<String>,
    #[serde(alias = "dest-queue", deserialize_with = "loose::text")]
    pub dest_queue: Option<String>,
    #[serde(alias = "dest-exchange", deserialize_with = "loose::text")]
    pub dest_exchange: Option<String>,
    #[serde(alias = "dest-exchange-key", deserialize_with = "loose::text")]
    pub dest_exchange_key: Option<String>,
    #[serde(alias = "dest-address", deserialize_with = "loose::text")]
    pub dest_address: Option<String>,
}

/// One of `/api/parameters/shovel`, which only users who may change policies get. It holds passwords, which
/// [`Address`] does not take in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ShovelParameter {
    pub vhost: String,
    pub name: String,
    #[serde(deserialize_with = "loose::object")]
    pub value: ShovelDefinition,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ShovelDefinition {
    #[serde(rename = "src-uri", deserialize_with = "address::read")]
    pub src_uri: Option<Address>,
    #[serde(rename = "dest-uri", deserialize_with = "address::read")]
    pub dest_uri: Option<Address>,
    #[serde(flatten)]
    pub places: Places,
}

/// One of `/api/federation-links`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct FederationLink {
    pub vhost: String,
    /// The name of the upstream.
    pub upstream: String,
    #[serde(deserialize_with = "loose::text")]
    pub node: Option<String>,
    /// The exchange or queue that gets messages; a link has one of the two.
    #[serde(deserialize_with = "loose::text")]
    pub exchange: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub upstream_exchange: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub queue: Option<String>,
    #[serde(deserialize_with = "loose::text")]
    pub upstream_queue: Option<String>,
    /// `starting`, `running`, `error`, `shutdown`.
    pub status: String,
    #[serde(deserialize_with = "loose::text")]
    pub error: Option<String>,
    #[serde(deserialize_with = "address::read")]
    pub uri: Option<Address>,
}

/// One of `/api/feature-flags`, and one of `/api/deprecated-features/used`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Feature {
    pub name: String,
    /// `enabled`, `disabled`, `state_changing`, `unavailable`.
    #[serde(deserialize_with = "loose::text")]
    pub state: Option<String>,
    /// `required`, `stable`, `experimental`.
    #[serde(deserialize_with = "loose::text")]
    pub stability: Option<String>,
    /// `permitted_by_default`, `denied_by_default`, `disconnected`, `removed`.
    #[serde(deserialize_with = "loose::text")]
    pub deprecation_phase: Option<String>,
}
