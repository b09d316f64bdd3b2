//! What a group has committed.

use std::collections::BTreeMap;

/// A committed position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    pub offset: i64,
    /// -1 where the client did not say.
    pub leader_epoch: i32,
    pub metadata: String,
}

/// A group's commits by topic and partition.
#[derive(Debug, Default, Clone)]
pub struct Commits(BTreeMap<String, BTreeMap<i32, Commit>>);

impl Commits {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, topic: &str, partition: i32) -> Option<&Commit> {
        self.0.get(topic)?.get(&partition)
    }

    pub fn topics(&self) -> impl Iterator<Item = (&str, &BTreeMap<i32, Commit>)> {
        self.0.iter().map(|(topic, partitions)| (topic.as_str(), partitions))
    }

    pub fn set(&mut self, topic: &str, partition: i32, commit: Commit) {
        match self.0.get_mut(topic) {
            Some(partitions) => {
                partitions.insert(partition, commit);
            }
            None => {
                self.0.insert(topic.to_owned(), BTreeMap::from([(partition, commit)]));
            }
        }
    }

    pub fn remove(&mut self, topic: &str, partition: i32) {
        if let Some(partitions) = self.0.get_mut(topic) {
            partitions.remove(&partition);
            if partitions.is_empty() {
                self.0.remove(topic);
            }
        }
    }

    pub fn remove_topic(&mut self, topic: &str) {
        self.0.remove(topic);
    }
}
