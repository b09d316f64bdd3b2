//! Pulsar's own shapes. Unknown fields are ignored, missing ones are `None`, and `-1` is how Pulsar writes "none".

mod cluster;
mod policies;
mod topic;

pub use cluster::{Bookies, BrokerInfo, ClusterInfo, LoadReport, Usage};
pub use policies::Policies;
pub use topic::{BrokerStats, Consumer, PartitionedTopic, Publisher, Replicator, Subscription, Topic};

use serde::{Deserialize, Deserializer};

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Explanation {
    pub reason: Option<String>,
}

/// `null` where a list or an object is expected is an empty one.
pub fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// A size, an age or a limit, of which a negative one means that there is none.
fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.filter(|value| *value >= 0.0))
}

/// A time in milliseconds since the epoch, of which 0 means never.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.filter(|value| *value > 0))
}
