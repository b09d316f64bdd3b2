//! The virtual nodes: which are up, who leads what, and who coordinates which group.

mod election;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub use election::{Placement, elect};

/// A node by its id, as in Metadata.
#[derive(Debug, Clone)]
pub struct Node {
    pub port: u16,
    pub up: bool,
    /// How much of the metadata's log it has followed, and until when, while it is down.
    pub left: Option<Followed>,
}

/// A position in the log of the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    pub end: i64,
    /// In milliseconds since 1970.
    pub millis: i64,
}

/// All nodes by id, counted from 1.
#[derive(Debug)]
pub struct Cluster {
    pub id: String,
    nodes: BTreeMap<i32, Node>,
    /// Replicas that were taken out of sync: of one topic, or of all where there is no name.
    lagging: Vec<(Option<String>, i32)>,
    /// Changes of the metadata since the start: of nodes, topics, settings, leaders and replicas in sync. The nodes are
    /// their own controllers, and this is how long the log is in which they agree on it.
    changes: i64,
    /// Grows with every change of the controller.
    pub controller_epoch: i32,
}

pub const HOST: &str = "127.0.0.1";

impl Cluster {
    pub fn new(id: String, ports: &[u16]) -> Self {
        let nodes = (1..).zip(ports).map(|(id, port)| {
            let (up, left) = (true, None);
            (id, Node { port: *port, up, left })
        });
        Self {
            id,
            nodes: nodes.collect(),
            lagging: Vec::new(),
            changes: 0,
            controller_epoch: 1,
        }
    }

    /// Notes changes of the metadata.
    pub fn record(&mut self, changes: usize) {
        self.changes = self.changes.saturating_add_unsigned(changes as u64);
    }

    /// How far a node has followed the metadata.
    pub fn followed(&self, id: i32, millis: i64) -> Option<Followed> {
        let end = self.changes;
        Some(self.nodes.get(&id)?.left.unwrap_or(Followed { end, millis }))
    }

    /// A node goes or comes. Returns whether it was the other way before; `None` when there is no such node.
    pub fn set_up(&mut self, id: i32, up: bool, millis: i64) -> Option<bool> {
        let (controller, end) = (self.controller(), self.changes);
        let node = self.nodes.get_mut(&id)?;
        let changed = node.up != up;
        if changed {
            node.up = up;
            node.left = (!up).then_some(Followed { end, millis });
            self.record(1);
            self.controller_epoch += i32::from(controller != self.controller());
        }
        Some(changed)
    }

    pub fn node(&self, id: i32) -> Option<&Node> {
        self.nodes.get(&id)
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn ids(&self) -> impl Iterator<Item = i32> {
        self.nodes.keys().copied()
    }

    /// The nodes that answer, in order.
    pub fn up(&self) -> impl Iterator<Item = (i32, &Node)> {
        self.nodes
            .iter()
            .filter(|(_, node)| node.up)
            .map(|(id, node)| (*id, node))
    }

    pub fn is_up(&self, id: i32) -> bool {
        self.nodes.get(&id).is_some_and(|node| node.up)
    }

    /// The first node that answers; -1 when none does.
    pub fn controller(&self) -> i32 {
        self.up().next().map_or(-1, |(id, _)| id)
    }

    /// The node that coordinates a group. Groups are spread over all nodes; while one is down, the next takes over.
    pub fn coordinator(&self, group: &str) -> Option<i32> {
        let ids: Vec<i32> = self.ids().collect();
        let first = spread(group) as usize % ids.len().max(1);
        let (before, from) = ids.split_at_checked(first)?;
        from.iter().chain(before).copied().find(|id| self.is_up(*id))
    }

    /// The replicas of a partition, the preferred leader first: neighbours lead on different nodes.
    pub fn replicas(&self, topic: &str, partition: i32, factor: usize) -> Vec<i32> {
        let ids: Vec<i32> = self.ids().collect();
        let start = spread(topic) as usize + partition.unsigned_abs() as usize;
        ids.iter()
            .cycle()
            .skip(start % ids.len().max(1))
            .take(factor.min(ids.len()))
            .copied()
            .collect()
    }

    pub fn is_lagging(&self, topic: &str, node: i32) -> bool {
        self.lagging
            .iter()
            .any(|(of, lagging)| *lagging == node && of.as_deref().is_none_or(|of| of == topic))
    }

    pub fn let_lag(&mut self, topic: Option<&str>, node: i32) {
        let lags = (topic.map(str::to_owned), node);
        if !self.lagging.contains(&lags) {
            self.lagging.push(lags);
        }
    }

    pub fn let_catch_up(&mut self) {
        self.lagging.clear();
    }
}

/// The same number for the same name in every run of this program.
fn spread(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    // Enough for some nodes, and it leaves room to add a partition's number.
    (hasher.finish() >> 48) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Cluster {
        Cluster::new("test".into(), &[1001, 1002, 1003])
    }

    #[test]
    fn groups_are_spread_and_move_on_when_their_coordinator_is_down() {
        let mut cluster = cluster();
        let names: Vec<String> = (0..300).map(|i| format!("group-{i}")).collect();
        for id in 1..=3 {
            let count = names
                .iter()
                .filter(|name| cluster.coordinator(name) == Some(id))
                .count();
            assert!((60..=140).contains(&count), "node {id} coordinates {count} of 300");
        }
        assert_eq!(cluster.set_up(2, false, 0), Some(true));
        assert!(
            names
                .iter()
                .all(|name| matches!(cluster.coordinator(name), Some(1 | 3)))
        );
        for id in [1, 3] {
            cluster.set_up(id, false, 0);
        }
        assert_eq!((cluster.coordinator("a"), cluster.controller()), (None, -1));
    }

    #[test]
    fn who_is_down_stays_behind_in_the_metadata_and_another_controls() {
        let mut cluster = cluster();
        cluster.record(10);
        cluster.set_up(1, false, 500);
        assert_eq!(cluster.set_up(1, false, 600), Some(false));
        assert_eq!((cluster.controller(), cluster.controller_epoch), (2, 2));
        cluster.record(5);
        let followed = |end, millis| Some(Followed { end, millis });
        assert_eq!(cluster.followed(1, 900), followed(10, 500));
        assert_eq!(cluster.followed(2, 900), followed(16, 900));
        cluster.set_up(1, true, 1000);
        assert_eq!(cluster.followed(1, 1000), followed(17, 1000));
        assert_eq!((cluster.controller(), cluster.controller_epoch), (1, 3));
        assert_eq!((cluster.set_up(9, true, 0), cluster.followed(9, 0)), (None, None));
    }

    #[test]
    fn neighbouring_partitions_prefer_different_leaders() {
        let leaders: Vec<i32> = (0..3).map(|p| cluster().replicas("orders", p, 3)[0]).collect();
        let mut sorted = leaders.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
        assert_eq!(cluster().replicas("orders", 0, 9).len(), 3);
    }
}
