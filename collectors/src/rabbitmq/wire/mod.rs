//! The shapes of the management API's answers, as far as they are read; versions 3.8 to 4.3.

mod bridges;
mod clients;
mod cluster;
mod objects;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use bridges::*;
pub use clients::*;
pub use cluster::*;
pub use objects::*;

use super::loose;

/// Arguments of an object or the definition of a policy.
pub type Arguments = BTreeMap<String, Value>;

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
