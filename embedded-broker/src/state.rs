//! Everything the broker knows. Tasks and handles have it as [`Shared`](crate::guarded::Shared).

use std::collections::BTreeMap;
use std::time::Instant;

use kafka_protocol::ResponseError;

use crate::cluster::{Cluster, elect};
use crate::faults::Faults;
use crate::groups::Groups;
use crate::log::Limits;
use crate::options::Options;
use crate::topics::{MOST_PARTITIONS, Partition, Topic, Topics};

/// What went through since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records that were stored.
    pub messages_in: u64,
    /// Bytes of their batches.
    pub bytes_in: u64,
    /// Bytes of batches that were handed out.
    pub bytes_out: u64,
    /// Bytes held now.
    pub stored_bytes: u64,
    pub topics: usize,
    pub partitions: usize,
    pub groups: usize,
    /// Open now.
    pub connections: usize,
    /// Connections whose task has panicked: a mistake in this program, whatever the client sent.
    pub panics: usize,
}

/// All of it.
#[derive(Debug)]
pub struct State {
    pub options: Options,
    pub cluster: Cluster,
    pub topics: Topics,
    pub groups: Groups,
    pub faults: Faults,
    pub stats: Stats,
    next_producer_id: i64,
    /// Bytes of all batches.
    stored_bytes: u64,
}

impl State {
    pub fn new(options: Options, cluster: Cluster) -> Self {
        Self {
            options,
            cluster,
            topics: Topics::default(),
            groups: Groups::default(),
            faults: Faults::default(),
            stats: Stats::default(),
            next_producer_id: 1000,
            stored_bytes: 0,
        }
    }

    /// What is kept of a partition at most: no more than its share of everything.
    pub fn limits(&self) -> Limits {
        let partitions = self.topics.partitions().max(1) as u64;
        Limits {
            bytes: (self.options.most_stored_bytes / partitions).min(self.options.retention_bytes_per_partition),
            millis: i64::try_from(self.options.retention.as_millis()).unwrap_or(i64::MAX),
        }
    }

    pub fn producer_id(&mut self) -> i64 {
        self.next_producer_id += 1;
        self.next_producer_id
    }

    /// Creates a topic; -1 stands for the default number of partitions and of replicas.
    pub fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        replicas: i16,
        settings: BTreeMap<String, String>,
    ) -> Result<&Topic, ResponseError> {
        let (partitions, replicas) = self.check_topic(partitions, replicas)?;
        let made = self.make_partitions(name, 0..partitions, replicas);
        let changes = 1 + made.len();
        let topic = self.topics.insert(name, made, settings)?;
        self.cluster.record(changes);
        Ok(topic)
    }

    /// How many partitions and replicas a topic gets that asks for so many, if it can be had.
    pub fn check_topic(&self, partitions: i32, replicas: i16) -> Result<(i32, usize), ResponseError> {
        let partitions = match partitions {
            -1 => self.options.default_partitions,
            asked => asked,
        };
        let nodes = self.cluster.len();
        let replicas = match replicas {
            -1 => nodes.min(3),
            asked => usize::try_from(asked).unwrap_or(0),
        };
        if !(1..=MOST_PARTITIONS).contains(&partitions) {
            return Err(ResponseError::InvalidPartitions);
        }
        if !(1..=nodes).contains(&replicas) {
            return Err(ResponseError::InvalidReplicationFactor);
        }
        Ok((partitions, replicas))
    }

    /// Adds partitions up to a new number of them.
    pub fn grow_topic(&mut self, name: &str, count: i32) -> Result<(), ResponseError> {
        let topic = self.topics.get(name).ok_or(ResponseError::UnknownTopicOrPartition)?;
        let now = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let replicas = topic
            .partitions
            .first()
            .map_or(1, |first| first.placement.replicas.len());
        if count <= now || count > MOST_PARTITIONS {
            return Err(ResponseError::InvalidPartitions);
        }
        let more = self.make_partitions(name, now..count, replicas);
        self.cluster.record(more.len());
        self.topics.extend(name, more)
    }

    fn make_partitions(&self, topic: &str, numbers: std::ops::Range<i32>, replicas: usize) -> Vec<Partition> {
        let make = |number| {
            let mut partition = Partition::new(self.cluster.replicas(topic, number, replicas));
            self.settle(topic, &mut partition);
            partition
        };
        numbers.map(make).collect()
    }

    fn settle(&self, topic: &str, partition: &mut Partition) {
        settle(&self.cluster, topic, partition);
    }

    /// Moves leaders and in-sync replicas to where they belong after nodes came, went or fell behind.
    pub fn settle_all(&mut self) {
        let (cluster, mut changes) = (&self.cluster, 0);
        for (name, topic) in self.topics.iter_mut() {
            for partition in &mut topic.partitions {
                changes += usize::from(settle(cluster, name, partition));
            }
        }
        self.cluster.record(changes);
    }

    /// A node came or went: leaders move, and so do coordinators, which give members time to find them.
    pub fn nodes_changed(&mut self, now: Instant) {
        self.settle_all();
        self.forgive(now);
    }

    /// Everybody's time-out in every group begins anew.
    pub fn forgive(&mut self, now: Instant) {
        self.groups.forgive(self.options.consumer_session_timeout, now);
    }

    pub fn delete_topic(&mut self, name: &str) -> Result<(), ResponseError> {
        self.topics.remove(name).ok_or(ResponseError::UnknownTopicOrPartition)?;
        self.cluster.record(1);
        self.groups.forget_topic(name);
        Ok(())
    }

    /// A partition that this node leads.
    pub fn led(&self, node: i32, topic: &str, partition: i32) -> Result<&Partition, ResponseError> {
        let found = self.topics.get(topic);
        let found = found.and_then(|topic| topic.partitions.get(usize::try_from(partition).ok()?));
        let found = found.ok_or(ResponseError::UnknownTopicOrPartition)?;
        if found.placement.leader == node {
            Ok(found)
        } else {
            Err(ResponseError::NotLeaderOrFollower)
        }
    }

    pub fn led_mut(&mut self, node: i32, topic: &str, partition: i32) -> Result<&mut Partition, ResponseError> {
        self.led(node, topic, partition)?;
        let found = self.topics.get_mut(topic);
        let found = found.and_then(|topic| topic.partitions.get_mut(usize::try_from(partition).ok()?));
        found.ok_or(ResponseError::UnknownTopicOrPartition)
    }

    /// Makes room for what a request to a group may leave behind.
    pub fn make_room_in_groups(&mut self, request: usize) -> Result<(), ResponseError> {
        self.groups.make_room(request, self.options.most_group_bytes)
    }

    /// Whether this node answers for a group now.
    pub fn check_coordinator(&self, node: i32, group: &str) -> Result<(), ResponseError> {
        if self.faults.is_paused(group) {
            return Err(ResponseError::CoordinatorLoadInProgress);
        }
        if self.cluster.coordinator(group) != Some(node) {
            return Err(ResponseError::NotCoordinator);
        }
        Ok(())
    }

    /// Removes members that are silent. Returns whether any group has changed.
    pub fn tick_groups(&mut self, now: Instant) -> bool {
        let faults = &self.faults;
        self.groups.tick(now, |group| faults.is_paused(group))
    }

    pub fn is_full(&self) -> bool {
        self.stored_bytes >= self.options.most_stored_bytes
    }

    /// Counts a batch that was stored, and the bytes of those that it has pushed out.
    pub fn count(&mut self, records: u64, bytes: u64, freed: u64) {
        self.stats.messages_in += records;
        self.stats.bytes_in += bytes;
        self.stored_bytes = (self.stored_bytes + bytes).saturating_sub(freed);
    }

    /// Removes what is too old from all logs, and counts what is held.
    pub fn tick_logs(&mut self, millis: i64) {
        self.groups.count_bytes();
        let (most, mut stored) = (self.limits(), 0);
        for (_, topic) in self.topics.iter_mut() {
            let limits = topic.limits(most);
            for partition in &mut topic.partitions {
                partition.log.retain(limits, millis);
                stored += partition.log.size();
            }
        }
        // Counted anew, with what was deleted since.
        self.stored_bytes = stored;
    }

    pub fn stats(&self) -> Stats {
        let partitions = || self.topics.iter().flat_map(|(_, topic)| &topic.partitions);
        Stats {
            stored_bytes: partitions().map(|partition| partition.log.size()).sum(),
            topics: self.topics.len(),
            partitions: partitions().count(),
            groups: self.groups.iter().count(),
            ..self.stats
        }
    }
}

/// Returns whether anything has changed.
fn settle(cluster: &Cluster, topic: &str, partition: &mut Partition) -> bool {
    let is_lagging = |node| cluster.is_lagging(topic, node);
    let placement = elect(&partition.placement, |node| cluster.is_up(node), is_lagging);
    let changed = placement.is_some();
    if let Some(placement) = placement {
        partition.settle(placement);
    }
    changed
}
