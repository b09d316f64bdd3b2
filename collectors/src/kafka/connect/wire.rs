//! What Kafka Connect's REST interface answers, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `GET /`: a worker about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Worker {
    pub version: String,
    /// Told since 2.0.
    pub kafka_cluster_id: String,
}

/// `GET /connectors?expand=status&expand=info`, by name.
pub type Connectors = BTreeMap<String, Connector>;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Connector {
    pub status: Status,
    pub info: Info,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    pub connector: State,
    pub tasks: Vec<Task>,
}

/// Of a connector: what it is doing, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct State {
    pub state: String,
    pub worker_id: String,
    /// A stack trace, when it failed.
    #[serde(default)]
    pub trace: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Task {
    pub id: i64,
    #[serde(flatten)]
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Info {
    pub config: Settings,
    #[serde(default, rename = "type")]
    pub direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into Kafka.
    Source,
    /// Out of Kafka.
    Sink,
    /// Its class is not installed on the worker that answered.
    #[default]
    #[serde(other)]
    Unknown,
}

/// The settings that are read; all others, among them every secret, are dropped while reading.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    #[serde(rename = "connector.class")]
    pub class: Option<String>,
    #[serde(rename = "tasks.max")]
    pub tasks_max: Option<String>,
    /// Of a sink: what it reads, separated by commas.
    pub topics: Option<String>,
    #[serde(rename = "topics.regex")]
    pub topics_regex: Option<String>,
    #[serde(rename = "errors.tolerance")]
    pub tolerance: Option<String>,
    #[serde(rename = "errors.deadletterqueue.topic.name")]
    pub dead_letters: Option<String>,
    #[serde(rename = "consumer.override.group.id")]
    pub group: Option<String>,
    /// Of MirrorMaker: the names of the clusters on both sides.
    #[serde(rename = "source.cluster.alias")]
    pub source_cluster: Option<String>,
    #[serde(rename = "target.cluster.alias")]
    pub target_cluster: Option<String>,
    #[serde(rename = "source.cluster.bootstrap.servers")]
    source_servers: Option<String>,
    #[serde(rename = "replication.policy.class")]
    pub replication_policy: Option<String>,
    #[serde(rename = "replication.policy.separator")]
    pub replication_separator: Option<String>,
    /// Of Confluent's Replicator: where it reads, and what it calls topics.
    #[serde(rename = "src.kafka.bootstrap.servers")]
    replicator_servers: Option<String>,
    #[serde(rename = "topic.rename.format")]
    pub rename_format: Option<String>,
}

impl Settings {
    /// Where the brokers are that it copies topics from, as its connector is told.
    pub fn source_servers(&self) -> Option<&str> {
        let servers = self.source_servers.as_deref().or(self.replicator_servers.as_deref());
        servers.filter(|servers| !servers.is_empty() && !servers.contains('@'))
    }
}

impl Connector {
    /// The last part of the class's name, which may be given in full or in short.
    pub fn class(&self) -> &str {
        let class = self.info.config.class.as_deref().unwrap_or_default();
        match class.rsplit('.').next() {
            Some(last) if !last.is_empty() => last,
            _ => "unknown class",
        }
    }

    /// The consumer group through which a sink reads.
    pub fn group(&self, name: &str) -> Option<String> {
        let own = self.info.config.group.clone().filter(|group| !group.is_empty());
        (self.info.direction == Direction::Sink).then(|| own.unwrap_or_else(|| format!("connect-{name}")))
    }

    /// The topics that a sink names.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        let topics = self.info.config.topics.as_deref().unwrap_or_default();
        topics.split(',').map(str::trim).filter(|topic| !topic.is_empty())
    }

    pub fn dead_letters(&self) -> Option<&str> {
        let topic = self.info.config.dead_letters.as_deref().map(str::trim);
        // A source has no use for the setting.
        topic.filter(|topic| !topic.is_empty() && self.info.direction == Direction::Sink)
    }
}

/// `GET /connectors/NAME/topics`: those that it has used since it was made or reset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ActiveTopics(pub BTreeMap<String, TopicList>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TopicList {
    pub topics: Vec<String>,
}
