//! Answers of real brokers, recorded as files, and a visit made of them.
//!
//! Files are in `testdata/<version>/`. The live test `record` writes them again.

use std::path::PathBuf;

use brokerscope_contract::{Snapshot, Timestamp};
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::digest::{Answers, Beside, Commits, digest};
use super::direct::Named;
use super::map;
use super::memory::Memory;
use super::offsets::{Chunk, Offsets};
use super::wire::{Cluster, Group, GroupList, Metadata, PartitionOffset, Survey, TopicConfig, Trouble};

type Chunks = Vec<(Chunk, Result<Vec<PartitionOffset>, Trouble>)>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    pub metadata: Metadata,
    pub cluster: Result<Cluster, Trouble>,
    pub groups: GroupList,
    pub described: Named<Group>,
    pub committed: Commits,
    pub ends: Chunks,
    pub starts: Chunks,
    pub configs: Named<TopicConfig>,
    /// Older recordings have none.
    #[serde(default)]
    pub survey: Option<Survey>,
}

/// The file of this name, such as `4.1.0/shop`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/kafka/testdata")
        .join(format!("{name}.json"))
}

impl Recorded {
    pub fn load(name: &str) -> Recorded {
        let file = file(name);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// What a visit at `at` that got exactly these answers brings home.
    pub fn visit(&self, memory: &mut Memory, config: &Config, at: Timestamp, inventory: bool) -> Snapshot {
        let recorded = self.clone();
        memory.take_list(recorded.groups.clone(), |name| config.groups.admits(name));
        let described = recorded.described.iter().map(|(name, _)| name.clone()).collect();
        for (name, answer) in recorded.described {
            memory.take_description(at, &name, answer);
        }
        let answers = Answers {
            metadata: recorded.metadata,
            cluster: recorded.cluster,
            listing: Some(recorded.groups.troubles),
            described,
            commits: recorded.committed,
            ends: Offsets::gather(recorded.ends),
            starts: inventory.then(|| Offsets::gather(recorded.starts)),
            configs: recorded.configs,
            survey: recorded.survey,
            inventory,
            beside: Beside::default(),
        };
        let visit = digest(memory, config, at, answers);
        map::snapshot(&visit, memory, config)
    }
}
