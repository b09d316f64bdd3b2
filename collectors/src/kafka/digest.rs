//! Takes the answers of one visit into memory, in the order in which they build on each other. No I/O.

use std::collections::{BTreeSet, HashMap, HashSet};

use brokerscope_contract::Timestamp;

use super::config::Config;
use super::direct::Named;
use super::map::Visit;
use super::memory::Memory;
use super::offsets::Offsets;
use super::wire::{Cluster, Metadata, PartitionOffset, Survey, Topic, TopicConfig, Trouble};
use super::{connect, registry};

/// What each group has committed, or why that is not known.
pub type Commits = Named<Vec<PartitionOffset>>;

/// What was answered on one visit. Groups are in memory already, because their names decide what else is asked.
pub struct Answers {
    pub metadata: Metadata,
    pub cluster: Result<Cluster, Trouble>,
    pub listing: Option<Vec<(i32, Trouble)>>,
    pub described: BTreeSet<String>,
    pub commits: Commits,
    pub ends: Offsets,
    /// Asked for with the inventory only.
    pub starts: Option<Offsets>,
    /// Of the topics that were asked about.
    pub configs: Vec<(String, Result<TopicConfig, Trouble>)>,
    /// Asked for every few minutes.
    pub survey: Option<Survey>,
    pub inventory: bool,
    pub beside: Beside,
}

/// What was told beside the brokers; nothing of what was not asked on this visit.
#[derive(Default)]
pub struct Beside {
    pub connect: Option<connect::Answers>,
    pub registry: Option<registry::Answers>,
}

pub fn digest(memory: &mut Memory, config: &Config, at: Timestamp, answers: Answers) -> Visit {
    let Answers {
        metadata,
        cluster,
        listing,
        described,
        commits,
        ends,
        starts,
        configs,
        survey,
        inventory,
        beside,
    } = answers;
    memory.connect.take(at, beside.connect);
    memory.registry.take(at, beside.registry);
    let shape_changed = memory.take_shape(&metadata);
    memory.configs.extend(configs);
    if let Some(starts) = starts {
        memory.starts = starts;
    }
    if let Some(survey) = &survey {
        memory.survey = Some(survey.without_replicas());
    }
    let read: HashSet<String> = commits
        .iter()
        .flat_map(|(_, answer)| answer.iter().flatten())
        .map(|commit| commit.topic.clone())
        .collect();
    let published = memory.take_ends(at, &ends, &read);
    let watched: HashMap<&str, &Topic> = metadata
        .topics
        .iter()
        .filter(|topic| config.topics.admits(&topic.name))
        .map(|topic| (topic.name.as_str(), topic))
        .collect();
    let (mut positions, mut announced) = (Vec::new(), HashSet::new());
    for (name, answer) in commits {
        let Some(position) = memory.take_commits(at, &name, answer, &ends, &watched) else {
            continue;
        };
        if let Ok(position) = &position
            && memory.announce(&name, position)
        {
            announced.insert(name.clone());
        }
        positions.push((name, position));
    }
    Visit {
        at,
        metadata,
        cluster,
        listing,
        ends,
        published,
        positions,
        described,
        announced,
        survey,
        inventory,
        shape_changed,
    }
}
