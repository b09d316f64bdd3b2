//! Clusters, brokers and bookies.

use serde::Deserialize;

use super::{not_negative, or_empty};

/// Where a cluster is reached. Its client settings, which may hold a secret, are never read.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterInfo {
    pub service_url: Option<String>,
    pub service_url_tls: Option<String>,
}

/// The leader. Before 2.11 there is only the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BrokerInfo {
    pub service_url: Option<String>,
    pub broker_id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Bookies {
    #[serde(deserialize_with = "or_empty")]
    pub bookies: Vec<Bookie>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Bookie {
    pub bookie_id: String,
}

/// What a broker says about its own load.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadReport {
    pub broker_version_string: Option<String>,
    pub load_manager_class_name: Option<String>,
    /// Percent of one core; the limit is a hundred for each core.
    pub cpu: Usage,
    /// Megabytes of the heap.
    pub memory: Usage,
    /// Megabytes.
    pub direct_memory: Usage,
    pub num_topics: Option<f64>,
    pub num_bundles: Option<f64>,
    pub num_consumers: Option<f64>,
    pub num_producers: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Usage {
    #[serde(deserialize_with = "not_negative")]
    pub usage: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub limit: Option<f64>,
}
