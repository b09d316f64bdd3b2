//! What a Kafka cluster answers, in shapes of our own: no librdkafka type leaves the client.

use std::collections::BTreeMap;

use brokerscope_contract::Absence;
use serde::{Deserialize, Serialize};

/// Why one question, or one part of an answer, failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Kafka's error number when positive, librdkafka's own when negative; 0 is "no error and no answer either".
    pub code: i32,
    pub text: String,
}

/// What a [`Trouble`] means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    NotPermitted,
    NotSupported,
    /// The broker that has to answer did not, or cannot be reached.
    Silent,
    /// What was asked about no longer exists.
    Gone,
    Other,
}

impl Trouble {
    pub fn new(code: i32, text: impl Into<String>) -> Trouble {
        Trouble {
            code,
            text: text.into(),
        }
    }

    /// The deadline passed without an answer; librdkafka's `_TIMED_OUT`.
    pub fn timed_out() -> Trouble {
        Trouble::new(-185, "no answer in time")
    }

    /// librdkafka gave a placeholder instead of an offset, which is how a silent leader looks (offset -1001, error 0).
    pub fn no_answer() -> Trouble {
        Trouble::new(0, "the leader did not answer")
    }

    /// Which kind of not knowing it leads to.
    pub fn absence(&self) -> Absence {
        match self.kind() {
            TroubleKind::NotPermitted => Absence::NotPermitted,
            TroubleKind::NotSupported => Absence::NotSupported,
            _ => Absence::Failed,
        }
    }

    /// The numbers are those of Kafka's protocol guide and of `rd_kafka_resp_err_t`.
    pub fn kind(&self) -> TroubleKind {
        match self.code {
            // TOPIC_, GROUP_, CLUSTER_AUTHORIZATION_FAILED
            29..=31 => TroubleKind::NotPermitted,
            // UNSUPPORTED_VERSION, INVALID_REQUEST (managed services answer it), _UNSUPPORTED_FEATURE
            35 | 42 | -165 => TroubleKind::NotSupported,
            // _TIMED_OUT, _TRANSPORT, _RESOLVE, _ALL_BROKERS_DOWN, _TIMED_OUT_QUEUE, _WAIT_COORD,
            // LEADER_NOT_AVAILABLE, NOT_LEADER, REQUEST_TIMED_OUT, BROKER_NOT_AVAILABLE,
            // COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR
            0 | -185 | -195 | -193 | -187 | -166 | -180 | 5..=8 | 14..=16 => TroubleKind::Silent,
            // UNKNOWN_TOPIC_OR_PART, GROUP_ID_NOT_FOUND, _UNKNOWN_TOPIC, _UNKNOWN_PARTITION
            3 | 69 | -188 | -190 => TroubleKind::Gone,
            _ => TroubleKind::Other,
        }
    }
}

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

/// The answers of all brokers to ListGroups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupList {
    /// Each group once, sorted by name.
    pub groups: Vec<ListedGroup>,
    /// One per broker that failed; a broker that did not answer is not named by librdkafka.
    pub troubles: Vec<Trouble>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedGroup {
    pub name: String,
    /// Unknown from brokers before 2.6.
    pub state: GroupState,
    pub protocol: GroupProtocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupState {
    Unknown,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
    Empty,
    /// A group of the new protocol in `Assigning` or `Reconciling`, which librdkafka does not tell apart.
    Reconciling,
}

impl GroupState {
    /// Kafka's own word.
    pub fn word(self) -> &'static str {
        match self {
            GroupState::Unknown => "Unknown",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
            GroupState::Empty => "Empty",
            GroupState::Reconciling => "Reconciling",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupProtocol {
    /// Not told, as by brokers before 3.8.
    Unknown,
    Classic,
    /// The consumer protocol of KIP-848.
    Consumer,
}

/// One group as its coordinator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub state: GroupState,
    pub protocol: GroupProtocol,
    pub assignor: String,
    pub coordinator: Option<i32>,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: String,
    pub client: String,
    pub host: String,
    /// `group.instance.id` of a static member.
    #[serde(default)]
    pub instance: Option<String>,
    /// Partitions by topic.
    pub assignment: BTreeMap<String, Vec<i32>>,
}

/// One offset, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionOffset {
    pub topic: String,
    pub partition: i32,
    pub offset: Result<i64, Trouble>,
}

/// Which end of the log ListOffsets is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    Earliest,
    Latest,
}

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

/// What only Kafka's own protocol tells, as asked every few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survey {
    /// By broker id; every broker that was asked.
    pub brokers: BTreeMap<i32, Result<SurveyedBroker, Trouble>>,
    /// The controllers, from the first broker that told; `None` when no broker could be asked at all.
    pub quorum: Option<Result<Quorum, Trouble>>,
    pub requests: u32,
    /// Bytes received.
    pub bytes: u64,
}

impl Survey {
    /// What is kept until the next one: there may be a hundred thousand replicas.
    pub fn without_replicas(&self) -> Survey {
        let broker = |broker: &SurveyedBroker| {
            let dirs = broker.log_dirs.as_ref().map_err(Trouble::clone);
            SurveyedBroker {
                log_dirs: dirs.map(|dirs| dirs.iter().map(LogDir::without_replicas).collect()),
                metadata_version: broker.metadata_version,
            }
        };
        let answer = |answer: &Result<SurveyedBroker, Trouble>| answer.as_ref().map(broker).map_err(Trouble::clone);
        Survey {
            brokers: self.brokers.iter().map(|(id, known)| (*id, answer(known))).collect(),
            quorum: self.quorum.clone(),
            ..Survey::default()
        }
    }

    /// The log directories of a broker, or why they are not known.
    pub fn log_dirs(&self, broker: i32) -> Option<Result<&[LogDir], &Trouble>> {
        Some(match self.brokers.get(&broker)? {
            Ok(known) => known.log_dirs.as_deref(),
            Err(trouble) => Err(trouble),
        })
    }

    /// Level of `metadata.version`, which is the same on all brokers.
    pub fn metadata_version(&self) -> Option<i16> {
        self.brokers
            .values()
            .flatten()
            .find_map(|broker| broker.metadata_version)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyedBroker {
    pub log_dirs: Result<Vec<LogDir>, Trouble>,
    /// Level of the feature `metadata.version` that the cluster has agreed on; only in KRaft mode.
    pub metadata_version: Option<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDir {
    pub path: String,
    /// Why the directory is offline.
    #[serde(default)]
    pub trouble: Option<Trouble>,
    /// Of the volume; told since 3.3.
    #[serde(default)]
    pub total_bytes: Option<i64>,
    #[serde(default)]
    pub usable_bytes: Option<i64>,
    pub replicas: Vec<ReplicaSize>,
}

impl LogDir {
    fn without_replicas(&self) -> LogDir {
        LogDir {
            path: self.path.clone(),
            trouble: self.trouble.clone(),
            replicas: Vec::new(),
            ..*self
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSize {
    pub topic: String,
    pub partition: i32,
    pub bytes: i64,
    /// A second copy that is being moved here from another directory of the same broker.
    #[serde(default)]
    pub future: bool,
}

/// The controllers of a cluster in KRaft mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    pub leader: Option<i32>,
    pub voters: Vec<Voter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voter {
    pub id: i32,
    pub log_end: Option<i64>,
    /// When it last had everything that the leader had then, by the leader's clock; told since 3.3.
    pub caught_up_at_millis: Option<i64>,
}
