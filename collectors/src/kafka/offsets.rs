//! Offsets of many partitions, as gathered from many leaders, and who did not answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::wire::{Metadata, PartitionOffset, Topic, Trouble, TroubleKind};

/// Partitions per ListOffsets request: few enough that an answer is a fraction of the patience with it, so that a
/// slow leader tells of some of its partitions at least.
const CHUNK: usize = 2_000;

/// Partitions that one broker leads, to be asked for in one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub leader: i32,
    pub partitions: Vec<(String, i32)>,
}

/// Where logs begin or end, by topic and partition. What is not in here was not told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offsets {
    known: HashMap<String, BTreeMap<i32, i64>>,
    /// Leaders that did not answer, with the number of their partitions that are unknown for it.
    pub silent: BTreeMap<i32, Silence>,
    /// Topics that the login may not describe.
    pub refused: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    pub partitions: usize,
    pub trouble: Trouble,
}

impl Offsets {
    pub fn gather(answers: impl IntoIterator<Item = (Chunk, Result<Vec<PartitionOffset>, Trouble>)>) -> Offsets {
        let mut offsets = Offsets::default();
        for (chunk, answer) in answers {
            match answer {
                Ok(parts) => parts.into_iter().for_each(|part| offsets.take(chunk.leader, part)),
                Err(trouble) => offsets.missed(chunk.leader, chunk.partitions.len(), trouble),
            }
        }
        offsets
    }

    fn take(&mut self, leader: i32, part: PartitionOffset) {
        match part.offset {
            Ok(offset) => {
                self.known.entry(part.topic).or_default().insert(part.partition, offset);
            }
            Err(trouble) => match trouble.kind() {
                TroubleKind::NotPermitted => {
                    self.refused.insert(part.topic);
                }
                // Deleted between two questions of the same visit.
                TroubleKind::Gone => {}
                _ => self.missed(leader, 1, trouble),
            },
        }
    }

    fn missed(&mut self, leader: i32, partitions: usize, trouble: Trouble) {
        self.silent
            .entry(leader)
            .or_insert(Silence { partitions: 0, trouble })
            .partitions += partitions;
    }

    pub fn get(&self, topic: &str, partition: i32) -> Option<i64> {
        self.known.get(topic)?.get(&partition).copied()
    }

    pub fn topic(&self, topic: &str) -> Option<&BTreeMap<i32, i64>> {
        self.known.get(topic)
    }

    /// The sum over all partitions of the topic, when every one of them is known.
    pub fn sum(&self, topic: &Topic) -> Option<i64> {
        let known = self.known.get(&topic.name)?;
        topic
            .partitions
            .iter()
            .map(|partition| known.get(&partition.id).copied())
            .sum()
    }
}

/// Requests for the offsets of these topics: partitions of one leader together, those without a leader left out,
/// because nobody can tell of them.
pub fn chunks(metadata: &Metadata, wanted: impl Fn(&Topic) -> bool) -> Vec<Chunk> {
    let mut leaders: BTreeMap<i32, Vec<(String, i32)>> = BTreeMap::new();
    for topic in metadata.topics.iter().filter(|topic| wanted(topic)) {
        for partition in &topic.partitions {
            if let Some(leader) = partition.leader {
                leaders
                    .entry(leader)
                    .or_default()
                    .push((topic.name.clone(), partition.id));
            }
        }
    }
    leaders
        .into_iter()
        .flat_map(|(leader, partitions)| {
            let parts: Vec<Chunk> = partitions
                .chunks(CHUNK)
                .map(|part| Chunk {
                    leader,
                    partitions: part.to_vec(),
                })
                .collect();
            parts
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::wire::Partition;
    use super::*;

    fn topic(name: &str, leaders: &[Option<i32>]) -> Topic {
        let partitions = leaders.iter().zip(0..).map(|(leader, id)| Partition {
            id,
            leader: *leader,
            replicas: vec![1],
            isr: vec![1],
        });
        Topic {
            name: name.into(),
            trouble: None,
            partitions: partitions.collect(),
        }
    }

    #[test]
    fn chunks_hold_one_leader_each_and_no_partition_without_one() {
        let metadata = Metadata {
            brokers: Vec::new(),
            topics: vec![topic("a", &[Some(1), Some(2), None]), topic("b", &vec![Some(1); 4_200])],
        };
        let chunks = chunks(&metadata, |_| true);
        let shape: Vec<(i32, usize)> = chunks.iter().map(|c| (c.leader, c.partitions.len())).collect();
        assert_eq!(shape, [(1, 2_000), (1, 2_000), (1, 201), (2, 1)]);
        assert!(super::chunks(&metadata, |topic| topic.name == "none").is_empty());
    }

    #[test]
    fn a_placeholder_is_missing_and_never_a_number() {
        let part = |partition, offset| PartitionOffset {
            topic: "a".into(),
            partition,
            offset,
        };
        let chunk = |leader| Chunk {
            leader,
            partitions: vec![("a".into(), 0), ("a".into(), 1)],
        };
        let offsets = Offsets::gather([
            (
                chunk(1),
                Ok(vec![
                    part(0, Ok(7)),
                    part(1, Err(Trouble::no_answer())),
                    part(4, Err(Trouble::new(3, "gone"))),
                ]),
            ),
            (chunk(2), Err(Trouble::timed_out())),
        ]);
        assert_eq!(offsets.get("a", 0), Some(7));
        assert_eq!(offsets.get("a", 1), None);
        assert_eq!(offsets.silent[&1].partitions, 1);
        assert_eq!(offsets.silent[&2].partitions, 2);
        assert_eq!(offsets.sum(&topic("a", &[Some(1)])), Some(7));
        assert_eq!(
            offsets.sum(&topic("a", &[Some(1), Some(1)])),
            None,
            "one partition is unknown"
        );
        assert_eq!(offsets.sum(&topic("b", &[Some(1)])), None);
    }

    #[test]
    fn a_refused_topic_is_not_a_silent_leader() {
        let refused = PartitionOffset {
            topic: "secret".into(),
            partition: 0,
            offset: Err(Trouble::new(29, "TOPIC_AUTHORIZATION_FAILED")),
        };
        let chunk = Chunk {
            leader: 1,
            partitions: vec![("secret".into(), 0)],
        };
        let offsets = Offsets::gather([(chunk, Ok(vec![refused]))]);
        assert!(offsets.silent.is_empty());
        assert!(offsets.refused.contains("secret"));
    }
}
