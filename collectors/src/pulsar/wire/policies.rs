//! What is configured for a namespace.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{not_negative, or_empty};

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Policies {
    #[serde(deserialize_with = "or_empty")]
    pub replication_clusters: Vec<String>,
    pub bundles: Option<Bundles>,
    /// By kind: `destination_storage` (bytes), `message_age` (seconds).
    #[serde(deserialize_with = "or_empty")]
    pub backlog_quota_map: BTreeMap<String, Quota>,
    pub retention_policies: Option<Retention>,
    pub message_ttl_in_seconds: Option<f64>,
    pub persistence: Option<Persistence>,
    #[serde(rename = "deduplicationEnabled")]
    pub deduplication: Option<bool>,
    pub max_unacked_messages_per_subscription: Option<f64>,
    pub max_unacked_messages_per_consumer: Option<f64>,
    pub schema_compatibility_strategy: Option<String>,
    #[serde(deserialize_with = "or_empty")]
    pub subscription_types_enabled: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Bundles {
    pub num_bundles: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Quota {
    /// Bytes; `limit` is its name before 2.8.
    #[serde(deserialize_with = "not_negative")]
    pub limit_size: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub limit: Option<f64>,
    /// Seconds.
    #[serde(deserialize_with = "not_negative")]
    pub limit_time: Option<f64>,
    /// What happens at the limit.
    pub policy: Option<String>,
}

/// How long acknowledged messages are kept; -1 is for ever.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Retention {
    pub retention_time_in_minutes: Option<f64>,
    #[serde(rename = "retentionSizeInMB")]
    pub retention_size_in_mb: Option<f64>,
}

/// On how many bookies an entry is written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Persistence {
    pub bookkeeper_ensemble: Option<f64>,
    pub bookkeeper_write_quorum: Option<f64>,
    pub bookkeeper_ack_quorum: Option<f64>,
}
