//! Topics: their partitions, where those are, and the settings that matter.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};

use kafka_protocol::ResponseError;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::cluster::Placement;
use crate::log::{Limits, Log};

/// Topics that there can be. The pose of a large cluster has 10,000.
pub const MOST_TOPICS: usize = 50_000;
/// Partitions that a topic can have.
pub const MOST_PARTITIONS: i32 = 10_000;
/// Partitions that there can be. The pose of a large cluster has 40,000.
const MOST_PARTITIONS_IN_ALL: usize = 100_000;

/// One partition.
#[derive(Debug)]
pub struct Partition {
    pub placement: Placement,
    pub log: Log,
    /// Fetches that wait for more, each once; gone ones are dropped when another comes.
    waiting: Vec<Weak<Notify>>,
}

impl Partition {
    pub fn new(replicas: Vec<i32>) -> Self {
        Self {
            placement: Placement::new(replicas),
            log: Log::default(),
            waiting: Vec::new(),
        }
    }

    /// Has a fetch woken at the next append or change of the leader.
    pub fn wake_later(&mut self, fetch: &Arc<Notify>) {
        // Where nothing is ever written, clients ask again and again, and nobody but them tidies up.
        self.waiting
            .retain(|other| other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(fetch)));
        self.waiting.push(Arc::downgrade(fetch));
    }

    pub fn wake(&mut self) {
        for fetch in self.waiting.drain(..).filter_map(|fetch| fetch.upgrade()) {
            fetch.notify_one();
        }
    }

    /// Takes up a new placement and tells those who wait.
    pub fn settle(&mut self, placement: Placement) {
        if placement.epoch != self.placement.epoch {
            self.log.begin_epoch(placement.epoch);
        }
        self.placement = placement;
        self.wake();
    }
}

/// One topic.
#[derive(Debug)]
pub struct Topic {
    pub id: Uuid,
    pub partitions: Vec<Partition>,
    /// What was set for this topic, by Kafka's name of the setting.
    pub settings: BTreeMap<String, String>,
}

impl Topic {
    /// A number among the settings.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.settings.get(name)?.parse().ok()
    }

    /// What is kept: what the topic asks for, within what the broker allows. -1 asks for no limit.
    pub fn limits(&self, most: Limits) -> Limits {
        let asked = |name: &str| self.number(name).and_then(|value| u64::try_from(value).ok());
        Limits {
            bytes: asked("retention.bytes").map_or(most.bytes, |bytes| bytes.min(most.bytes)),
            millis: asked("retention.ms").map_or(most.millis, |millis| {
                i64::try_from(millis).unwrap_or(i64::MAX).min(most.millis)
            }),
        }
    }
}

/// All topics, by name and by id.
#[derive(Debug, Default)]
pub struct Topics {
    by_name: BTreeMap<Arc<str>, Topic>,
    names: HashMap<Uuid, Arc<str>>,
    /// Of all topics together.
    partitions: usize,
}

impl Topics {
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Partitions of all topics together.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    pub fn get(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.by_name.get_mut(name)
    }

    pub fn name_of(&self, id: Uuid) -> Option<&Arc<str>> {
        self.names.get(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Topic)> {
        self.by_name.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Topic)> {
        self.by_name.iter_mut()
    }

    /// Takes in a topic whose partitions are made already.
    pub fn insert(
        &mut self,
        name: &str,
        partitions: Vec<Partition>,
        settings: BTreeMap<String, String>,
    ) -> Result<&Topic, ResponseError> {
        check_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(ResponseError::TopicAlreadyExists);
        }
        if self.by_name.len() >= MOST_TOPICS {
            return Err(ResponseError::PolicyViolation);
        }
        self.make_room(partitions.len())?;
        let (id, name) = (Uuid::from_u128(fastrand::u128(..)), Arc::<str>::from(name));
        self.names.insert(id, Arc::clone(&name));
        Ok(self.by_name.entry(name).or_insert(Topic {
            id,
            partitions,
            settings,
        }))
    }

    /// Adds partitions to a topic.
    pub fn extend(&mut self, name: &str, more: Vec<Partition>) -> Result<(), ResponseError> {
        if !self.by_name.contains_key(name) {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        self.make_room(more.len())?;
        if let Some(topic) = self.by_name.get_mut(name) {
            topic.partitions.extend(more);
        }
        Ok(())
    }

    fn make_room(&mut self, more: usize) -> Result<(), ResponseError> {
        if self.partitions + more > MOST_PARTITIONS_IN_ALL {
            return Err(ResponseError::PolicyViolation);
        }
        self.partitions += more;
        Ok(())
    }

    pub fn remove(&mut self, name: &str) -> Option<Topic> {
        let mut topic = self.by_name.remove(name)?;
        self.partitions -= topic.partitions.len();
        self.names.remove(&topic.id);
        topic.partitions.iter_mut().for_each(Partition::wake);
        Some(topic)
    }
}

/// Kafka's rule for names of topics.
pub fn check_name(name: &str) -> Result<(), ResponseError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let fine = !name.is_empty() && name.len() <= 249 && name != "." && name != ".." && name.chars().all(legal);
    if fine {
        Ok(())
    } else {
        Err(ResponseError::InvalidTopicException)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_of_kafka() {
        let long = "a".repeat(250);
        for (name, fine) in [
            ("orders.v1_retry-5s", true),
            ("", false),
            ("..", false),
            ("a b", false),
            ("bestellungen/ä", false),
            (&long, false),
            (&long[1..], true),
        ] {
            assert_eq!(check_name(name).is_ok(), fine, "{name}");
        }
    }

    #[test]
    fn a_topic_may_keep_less_than_the_broker_allows_and_never_more() {
        let most = Limits {
            bytes: 100,
            millis: 1000,
        };
        for (bytes, millis, expected) in [
            ("50", "10", (50, 10)),
            ("500", "-1", (100, 1000)),
            ("x", "x", (100, 1000)),
        ] {
            let topic = Topic {
                id: Uuid::nil(),
                partitions: Vec::new(),
                settings: [("retention.bytes", bytes), ("retention.ms", millis)]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
            };
            let limits = topic.limits(most);
            assert_eq!((limits.bytes, limits.millis), expected);
        }
    }

    #[test]
    fn there_are_only_so_many_partitions() {
        let many = |count| (0..count).map(|_| Partition::new(vec![1])).collect::<Vec<_>>();
        let mut topics = Topics::default();
        topics
            .insert("a", many(MOST_PARTITIONS_IN_ALL - 2), BTreeMap::new())
            .unwrap();
        topics.insert("b", many(1), BTreeMap::new()).unwrap();
        assert_eq!(topics.extend("b", many(2)), Err(ResponseError::PolicyViolation));
        topics.extend("b", many(1)).unwrap();
        let refused = topics.insert("c", many(1), BTreeMap::new()).map(|_| ());
        assert_eq!(refused, Err(ResponseError::PolicyViolation));
        topics.remove("a");
        assert_eq!(topics.partitions(), 2);
    }

    #[test]
    fn fetches_that_are_over_are_forgotten_also_where_nothing_is_written() {
        let mut partition = Partition::new(vec![1]);
        let patient = Arc::new(Notify::new());
        for _ in 0..100 {
            partition.wake_later(&patient);
            partition.wake_later(&Arc::new(Notify::new()));
        }
        assert_eq!(
            partition.waiting.len(),
            2,
            "the patient one, and the last of the others"
        );
    }

    #[test]
    fn topics_are_found_by_name_and_by_id() {
        let mut topics = Topics::default();
        let id = topics.insert("a", Vec::new(), BTreeMap::new()).unwrap().id;
        assert_eq!(topics.name_of(id).map(|name| &**name), Some("a"));
        let again = topics.insert("a", Vec::new(), BTreeMap::new()).map(|_| ());
        assert_eq!(again, Err(ResponseError::TopicAlreadyExists));
        assert!(topics.remove("a").is_some() && topics.name_of(id).is_none());
    }
}
