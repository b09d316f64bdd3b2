//! Figures of topics, as `broker-stats/topics` says them and, with other names for some, as a topic's own `stats`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{not_negative, or_empty, time};

/// By namespace, bundle, kind (`persistent`, `non-persistent`) and full name.
pub type BrokerStats = HashMap<String, HashMap<String, HashMap<String, HashMap<String, Topic>>>>;

/// One topic, or one partition.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Topic {
    /// Messages since the broker loaded the topic.
    #[serde(alias = "msgInCounter")]
    pub msg_in_count: Option<f64>,
    #[serde(alias = "bytesInCounter")]
    pub bytes_in_count: Option<f64>,
    #[serde(alias = "msgOutCounter")]
    pub msg_out_count: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub storage_size: Option<f64>,
    /// Of the slowest subscription.
    #[serde(deserialize_with = "not_negative")]
    pub backlog_size: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub offloaded_storage_size: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub oldest_backlog_message_age_seconds: Option<f64>,
    pub oldest_backlog_message_subscription_name: Option<String>,
    #[serde(deserialize_with = "not_negative")]
    pub backlog_quota_limit_size: Option<f64>,
    /// Seconds.
    #[serde(deserialize_with = "not_negative")]
    pub backlog_quota_limit_time: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub waiting_publishers: Option<f64>,
    #[serde(deserialize_with = "or_empty")]
    pub publishers: Vec<Publisher>,
    #[serde(deserialize_with = "or_empty")]
    pub subscriptions: BTreeMap<String, Subscription>,
    /// By remote cluster.
    #[serde(deserialize_with = "or_empty")]
    pub replication: BTreeMap<String, Replicator>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Subscription {
    /// Entries that are not acknowledged.
    #[serde(deserialize_with = "not_negative")]
    pub msg_backlog: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub msg_delayed: Option<f64>,
    /// Messages; told for Shared and Key_Shared only.
    #[serde(deserialize_with = "not_negative")]
    pub unacked_messages: Option<f64>,
    #[serde(rename = "blockedSubscriptionOnUnackedMsgs")]
    pub blocked_on_unacked: Option<bool>,
    /// `Exclusive`, `Failover`, `Shared`, `Key_Shared`, or `None` where nobody was connected since it was loaded.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub active_consumer_name: Option<String>,
    pub is_durable: Option<bool>,
    /// A second.
    pub message_ack_rate: Option<f64>,
    pub msg_rate_out: Option<f64>,
    pub msg_rate_redeliver: Option<f64>,
    pub msg_out_counter: Option<f64>,
    #[serde(deserialize_with = "or_empty")]
    pub consumers: Vec<Consumer>,
    /// From the metrics, where consumers are not listed.
    #[serde(skip)]
    pub consumers_count: Option<f64>,
    /// When the oldest message of the backlog was published; only where it was asked for.
    #[serde(deserialize_with = "time")]
    pub earliest_msg_publish_time_in_backlog: Option<i64>,
    #[serde(deserialize_with = "time")]
    pub last_consumed_timestamp: Option<i64>,
    #[serde(deserialize_with = "time")]
    pub last_acked_timestamp: Option<i64>,
    /// Holes of acknowledged messages behind one that is not.
    #[serde(alias = "totalNonContiguousDeletedMessagesRange")]
    pub non_contiguous_deleted_messages_ranges: Option<f64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Consumer {
    pub consumer_name: String,
    pub address: Option<String>,
    pub client_version: Option<String>,
    pub connected_since: Option<String>,
    /// How many more messages the client would take; 0 is a full client.
    pub available_permits: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub unacked_messages: Option<f64>,
    #[serde(rename = "blockedConsumerOnUnackedMsgs")]
    pub blocked_on_unacked: Option<bool>,
    pub avg_messages_per_entry: Option<f64>,
    #[serde(deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Publisher {
    pub producer_name: String,
    pub address: Option<String>,
    pub client_version: Option<String>,
    pub connected_since: Option<String>,
    #[serde(deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// What goes to another cluster.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Replicator {
    pub connected: Option<bool>,
    #[serde(deserialize_with = "not_negative")]
    pub replication_backlog: Option<f64>,
    #[serde(deserialize_with = "not_negative")]
    pub replication_delay_in_seconds: Option<f64>,
    /// Where the other cluster's replicator comes from, if it does.
    pub inbound_connection: Option<String>,
}

/// The answer to `partitioned-stats` with `perPartition=true`. Its own sums are left aside: Pulsar adds up the `-1`s.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PartitionedTopic {
    #[serde(deserialize_with = "or_empty")]
    pub partitions: BTreeMap<String, Topic>,
}
