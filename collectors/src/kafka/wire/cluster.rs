//! Brokers, topics and their partitions, and the settings of topics.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Trouble;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broker {
    pub id: i32,
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub rack: Option<String>,
}

/// The answer to a Metadata request over all topics.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// Brokers that the cluster holds for alive.
    pub brokers: Vec<Broker>,
    pub topics: Vec<Topic>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub name: String,
    #[serde(default)]
    pub trouble: Option<Trouble>,
    pub partitions: Vec<Partition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    pub id: i32,
    /// `None` while no broker leads it: offline.
    pub leader: Option<i32>,
    /// The first one is the preferred leader.
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
}

impl Partition {
    pub fn is_offline(&self) -> bool {
        self.leader.is_none()
    }

    pub fn is_under_replicated(&self) -> bool {
        self.isr.len() < self.replicas.len()
    }
}

/// The answer to DescribeCluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cluster {
    pub id: Option<String>,
    /// In KRaft mode a broker picked at random that forwards to the real controller.
    pub controller: Option<i32>,
    pub brokers: Vec<Broker>,
    /// ACL operations that the login may do on the cluster, by number; `None` unless asked for and told.
    #[serde(default)]
    pub operations: Option<Vec<i32>>,
}

/// Settings of topics that explain their behaviour; of the others nothing is asked.
pub const KEPT_CONFIGS: &[&str] = &[
    "cleanup.policy",
    "retention.ms",
    "retention.bytes",
    "min.insync.replicas",
    "max.message.bytes",
    "segment.bytes",
    "segment.ms",
];

/// The settings of one topic, by Kafka's names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TopicConfig {
    pub entries: BTreeMap<String, ConfigValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigValue {
    pub value: String,
    /// Set on the topic itself; otherwise the broker's default applies.
    pub own: bool,
}

impl TopicConfig {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.entries.get(name).map(|entry| entry.value.as_str())
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }
}
