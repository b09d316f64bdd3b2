//! Sizes on disk and the controllers, which are asked for every few minutes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Trouble;

/// What only Kafka's own protocol tells, as asked every few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survey {
    /// By broker id; every broker that was asked.
    pub brokers: BTreeMap<i32, Result<SurveyedBroker, Trouble>>,
    /// The controllers, from the first broker that told; `None` when no broker could be asked at all.
    pub quorum: Option<Result<Quorum, Trouble>>,
}

impl Survey {
    /// What is kept until the next one: there may be a hundred thousand replicas.
    pub fn without_replicas(&self) -> Survey {
        let broker = |broker: &SurveyedBroker| {
            let dirs = broker.log_dirs.as_ref().map_err(Trouble::clone);
            SurveyedBroker {
                log_dirs: dirs.map(|dirs| dirs.iter().map(LogDir::without_replicas).collect()),
                metadata_version: broker.metadata_version,
                lacks: broker.lacks.clone(),
            }
        };
        let answer = |answer: &Result<SurveyedBroker, Trouble>| answer.as_ref().map(broker).map_err(Trouble::clone);
        Survey {
            brokers: self.brokers.iter().map(|(id, known)| (*id, answer(known))).collect(),
            quorum: self.quorum.clone(),
        }
    }

    /// The log directories of a broker, or why they are not known.
    pub fn log_dirs(&self, broker: i32) -> Option<Result<&[LogDir], &Trouble>> {
        Some(match self.brokers.get(&broker)? {
            Ok(known) => known.log_dirs.as_deref(),
            Err(trouble) => Err(trouble),
        })
    }

    /// What the brokers do not offer, of the first one that could be asked.
    pub fn lacks(&self) -> &[String] {
        let asked = self.brokers.values().flatten().next();
        asked.map_or(&[], |broker| broker.lacks.as_slice())
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
    /// What the broker does not offer, in words, of all that is asked here.
    #[serde(default)]
    pub lacks: Vec<String>,
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
    /// Not a directory at all, but what Redpanda keeps in an object store.
    pub fn is_remote(&self) -> bool {
        self.path.starts_with("remote://")
    }

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
