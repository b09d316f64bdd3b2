//! What is remembered of a cluster from one visit to the next.

use std::collections::{BTreeMap, HashMap, HashSet};

use brokerscope_contract::Timestamp;

use super::cadence::Turn;
use super::lag::History;
use super::loss::Retention;
use super::odometer::Odometer;
use super::offsets::Offsets;
use super::reader::{GroupPosition, Log, Reader};
use super::wire::{
    Group, GroupList, GroupProtocol, GroupState, ListedGroup, Metadata, PartitionOffset, Survey, Topic, TopicConfig,
    Trouble,
};
use super::{connect, registry};

/// A description older than this is asked for again even when the group's state is the same.
const DESCRIBE_EVERY_MILLIS: i64 = 60_000;

#[derive(Default)]
pub struct Memory {
    topics: HashMap<String, TopicMemory>,
    pub groups: BTreeMap<String, GroupMemory>,
    /// Settings of topics, or why they are not known.
    pub configs: BTreeMap<String, Result<TopicConfig, Trouble>>,
    pub starts: Offsets,
    /// The last survey without the sizes of single replicas.
    pub survey: Option<Survey>,
    /// The topics as last seen, to notice when their shape changes.
    pub shape: Vec<Topic>,
    pub connect: connect::Memory,
    pub registry: registry::Memory,
}

#[derive(Default)]
struct TopicMemory {
    published: Odometer,
    ends: HashMap<i32, i64>,
    ends_before: HashMap<i32, i64>,
    histories: HashMap<i32, History>,
}

pub struct GroupMemory {
    pub listed: ListedGroup,
    pub described: Option<Group>,
    /// Why the last description failed.
    pub trouble: Option<Trouble>,
    described_at: Option<Timestamp>,
    /// The listed state when it was described.
    described_as: Option<ListedGroup>,
    commits_asked_at: Option<Timestamp>,
    reader: Reader,
    /// How many topics and partitions of its reading are entities already.
    announced: (usize, usize),
}

impl Memory {
    /// Takes in the topics, and tells whether anything about them is not as it was. Those that are gone are
    /// forgotten, so that one made again under the same name starts anew.
    pub fn take_shape(&mut self, metadata: &Metadata) -> bool {
        if self.shape == metadata.topics {
            return false;
        }
        let names: HashSet<&str> = metadata.topics.iter().map(|topic| topic.name.as_str()).collect();
        self.topics.retain(|name, _| names.contains(name.as_str()));
        self.configs.retain(|name, _| names.contains(name.as_str()));
        self.shape.clone_from(&metadata.topics);
        true
    }

    /// Takes in where the logs end. Only for topics that some group reads is the way there remembered.
    pub fn take_ends(&mut self, at: Timestamp, ends: &Offsets, read: &HashSet<String>) -> HashMap<String, f64> {
        let mut published = HashMap::new();
        for topic in &self.shape {
            let Some(known) = ends.topic(&topic.name) else { continue };
            let memory = self.topics.entry(topic.name.clone()).or_default();
            memory.ends_before = std::mem::take(&mut memory.ends);
            // A partition whose leader is silent keeps the end it had.
            memory.ends.clone_from(&memory.ends_before);
            memory
                .ends
                .extend(known.iter().map(|(partition, end)| (*partition, *end)));
            let total = memory.published.read(known.iter().map(|(p, end)| (*p, *end)), |_| None);
            published.insert(topic.name.clone(), total);
            if read.contains(&topic.name) || !memory.histories.is_empty() {
                for (partition, end) in known {
                    memory.histories.entry(*partition).or_default().observe(*end, at);
                }
            }
        }
        published
    }

    /// Takes in the list of groups. Groups that are no longer listed are forgotten, unless their coordinator did not
    /// answer: then nobody knows.
    pub fn take_list(&mut self, list: GroupList, admit: impl Fn(&str) -> bool) {
        let listed: HashSet<&str> = list.groups.iter().map(|group| group.name.as_str()).collect();
        let silent: HashSet<i32> = list.troubles.iter().map(|(id, _)| *id).collect();
        self.groups
            .retain(|name, group| listed.contains(name.as_str()) || silent.contains(&group.listed.coordinator));
        for group in list.groups.into_iter().filter(|group| admit(&group.name)) {
            match self.groups.get_mut(&group.name) {
                Some(known) => known.listed = group,
                None => {
                    self.groups.insert(group.name.clone(), GroupMemory::new(group));
                }
            }
        }
    }

    /// Groups whose description is missing, old, or of another state than the listed one; longest ago first.
    pub fn to_describe(&self, at: Timestamp, most: usize) -> Vec<ListedGroup> {
        let mut due: Vec<(Option<Timestamp>, &ListedGroup)> = self
            .groups
            .values()
            .filter(|group| group.wants_description(at))
            .map(|group| (group.described_at, &group.listed))
            .collect();
        due.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        due.into_iter().take(most).map(|(_, group)| group.clone()).collect()
    }

    pub fn take_description(&mut self, at: Timestamp, name: &str, answer: Result<Group, Trouble>) {
        let Some(group) = self.groups.get_mut(name) else { return };
        group.described_at = Some(at);
        group.described_as = Some(group.listed.clone());
        match answer {
            Ok(description) => {
                group.described = Some(description);
                group.trouble = None;
            }
            Err(trouble) => group.trouble = Some(trouble),
        }
    }

    /// When it is each group's turn to be asked for its commits.
    pub fn turns(&self) -> impl Iterator<Item = (&str, Turn)> {
        self.groups.iter().map(|(name, group)| {
            let turn = Turn {
                asked: group.commits_asked_at,
                active: group.is_active(),
            };
            (name.as_str(), turn)
        })
    }

    /// Takes in one group's commits and tells where it stands. [`Memory::take_ends`] comes first.
    pub fn take_commits(
        &mut self,
        at: Timestamp,
        name: &str,
        answer: Result<Vec<PartitionOffset>, Trouble>,
        ends: &Offsets,
        watched: &HashMap<&str, &Topic>,
    ) -> Option<Result<GroupPosition, Trouble>> {
        let group = self.groups.get_mut(name)?;
        group.commits_asked_at = Some(at);
        let commits = match answer {
            Ok(commits) => commits,
            Err(trouble) => return Some(Err(trouble)),
        };
        let (topics, starts, configs) = (&self.topics, &self.starts, &self.configs);
        // A topic whose end was never told has no memory yet; its lag is unknown all the same.
        let unseen = TopicMemory::default();
        let log = |topic: &str| {
            let shape = watched.get(topic)?;
            let memory = topics.get(topic).unwrap_or(&unseen);
            let config = configs.get(topic).and_then(|config| config.as_ref().ok());
            Some(Log {
                topic: shape,
                ends,
                ends_before: &memory.ends_before,
                starts,
                histories: &memory.histories,
                retention: config.map(Retention::of).unwrap_or_default(),
            })
        };
        Some(Ok(group.reader.read(at, commits, log)))
    }

    /// Whether the group's reading has parts that were not announced as entities yet; asking announces them.
    pub fn announce(&mut self, name: &str, position: &GroupPosition) -> bool {
        let Some(group) = self.groups.get_mut(name) else {
            return false;
        };
        let partitions = position.topics.iter().map(|topic| topic.partitions.len()).sum();
        let parts = (position.topics.len(), partitions);
        std::mem::replace(&mut group.announced, parts) != parts
    }

    /// Makes every remembered time worthless, as a clock that was set does.
    pub fn forget_times(&mut self) {
        for topic in self.topics.values_mut() {
            topic.histories.values_mut().for_each(History::clear);
        }
    }
}

impl GroupMemory {
    fn new(listed: ListedGroup) -> GroupMemory {
        GroupMemory {
            listed,
            described: None,
            trouble: None,
            described_at: None,
            described_as: None,
            commits_asked_at: None,
            reader: Reader::default(),
            announced: (0, 0),
        }
    }

    /// Kafka's word for what the group is doing; the list is asked for more often than the description.
    pub fn state(&self) -> GroupState {
        match (self.listed.state, &self.described) {
            (GroupState::Unknown, Some(described)) => described.state,
            (listed, _) => listed,
        }
    }

    pub fn protocol(&self) -> GroupProtocol {
        match (self.listed.protocol, &self.described) {
            (GroupProtocol::Unknown, Some(described)) => described.protocol,
            (listed, _) => listed,
        }
    }

    /// Whether it may have members.
    fn is_active(&self) -> bool {
        !matches!(self.listed.state, GroupState::Empty | GroupState::Dead)
    }

    fn wants_description(&self, at: Timestamp) -> bool {
        let old = |described: Timestamp| at.millis_since(described).abs() >= DESCRIBE_EVERY_MILLIS;
        self.described_at.is_none_or(old) || self.described_as.as_ref() != Some(&self.listed)
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
