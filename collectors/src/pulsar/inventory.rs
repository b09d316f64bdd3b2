//! What exists: namespaces, their policies and topics, whether a broker has them loaded or not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::Timestamp;

use super::names::TopicName;
use super::turns::Turns;
use super::wire::{BrokerStats, Policies, Topic};

/// What is known of one namespace.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    pub policies: Option<Policies>,
    pub policies_asked: Option<Timestamp>,
    /// Every persistent topic and partition, loaded or not; `None` until it was told.
    pub topics: Option<BTreeSet<TopicName>>,
    pub topics_asked: Option<Timestamp>,
}

/// By `tenant/namespace`.
#[derive(Debug, Default)]
pub struct Inventory {
    pub namespaces: BTreeMap<String, Namespace>,
    pub tenants: Option<usize>,
    /// Subscriptions of each whole topic, as last seen: an unloaded topic keeps its own.
    pub subscriptions: HashMap<TopicName, BTreeSet<String>>,
    /// The list of namespaces is all there is, as far as this connection watches.
    pub is_listed: bool,
    /// Where topics are asked one by one.
    pub turns: Turns,
}

impl Inventory {
    /// Takes up the list of namespaces; what is known of those that stay is kept.
    pub fn list(&mut self, names: impl IntoIterator<Item = String>) {
        let mut before = std::mem::take(&mut self.namespaces);
        for name in names {
            let known = before.remove(&name).unwrap_or_default();
            self.namespaces.insert(name, known);
        }
        self.is_listed = true;
    }

    /// Namespaces in which something is loaded exist, whoever may list them.
    pub fn see(&mut self, topics: &HashMap<TopicName, Topic>) {
        for name in topics.keys() {
            if !self.namespaces.contains_key(&name.namespace) && !name.is_internal() {
                self.namespaces.insert(name.namespace.clone(), Namespace::default());
            }
        }
    }

    /// Every topic and partition that is listed.
    pub fn listed(&self) -> impl Iterator<Item = &TopicName> {
        self.namespaces.values().filter_map(|n| n.topics.as_ref()).flatten()
    }

    /// Whether the topics of every namespace are known.
    pub fn is_whole(&self) -> bool {
        self.is_listed && self.namespaces.values().all(|namespace| namespace.topics.is_some())
    }

    /// Every topic that exists, in parts: what is loaded and what is not.
    pub fn wholes<'a>(&'a self, seen: &'a HashMap<TopicName, Topic>) -> BTreeMap<TopicName, Whole<'a>> {
        let mut wholes: BTreeMap<TopicName, Whole<'a>> = BTreeMap::new();
        for (name, topic) in seen {
            wholes.entry(name.whole()).or_default().loaded.push((name, topic));
        }
        for name in self.listed() {
            if seen.contains_key(name) {
                continue;
            }
            let whole = wholes.entry(name.whole()).or_default();
            match self.turns.of(name) {
                None => whole.unloaded.push(name),
                Some(earlier) => {
                    whole.waits = true;
                    match earlier {
                        Some(topic) => whole.loaded.push((name, topic)),
                        None => whole.untold.push(name),
                    }
                }
            }
        }
        for whole in wholes.values_mut() {
            // A partitioned topic has no messages of its own; a topic of its name without partitions is a leftover.
            let is_partitioned = whole.names().any(|name| name.partition.is_some());
            if is_partitioned {
                whole.loaded.retain(|(name, _)| name.partition.is_some());
                whole.unloaded.retain(|name| name.partition.is_some());
                whole.untold.retain(|name| name.partition.is_some());
            }
            whole.loaded.sort_by_key(|(name, _)| name.partition);
            whole.unloaded.sort();
        }
        wholes
    }

    /// Remembers who reads what, so that an unloaded topic keeps its subscriptions.
    pub fn remember(&mut self, wholes: &BTreeMap<TopicName, Vec<String>>, complete: &BTreeSet<TopicName>) {
        self.subscriptions.retain(|name, _| wholes.contains_key(name));
        for (name, subscriptions) in wholes {
            let known = self.subscriptions.entry(name.clone()).or_default();
            if complete.contains(name) {
                known.clear();
            }
            known.extend(subscriptions.iter().cloned());
        }
    }
}

/// A topic with its partitions, or a topic that has none as its own only part.
#[derive(Debug, Default)]
pub struct Whole<'a> {
    pub loaded: Vec<(&'a TopicName, &'a Topic)>,
    /// Exists, and no broker told figures of it.
    pub unloaded: Vec<&'a TopicName>,
    /// Exists, and its turn to be asked has never come.
    pub untold: Vec<&'a TopicName>,
    /// It was not asked on this visit: what is known of it is of an earlier one, and no figure of now.
    pub waits: bool,
}

impl<'a> Whole<'a> {
    pub fn names(&self) -> impl Iterator<Item = &'a TopicName> {
        let loaded = self.loaded.iter().map(|(name, _)| *name);
        loaded
            .chain(self.unloaded.iter().copied())
            .chain(self.untold.iter().copied())
    }

    pub fn partitions(&self) -> usize {
        self.names().filter(|name| name.partition.is_some()).count()
    }

    /// All of it was told about on this visit: sums over the parts are sums of the whole.
    pub fn is_complete(&self) -> bool {
        !self.waits && self.unloaded.is_empty() && !self.loaded.is_empty()
    }
}

/// The topics of a broker that `wants` accepts, by `tenant/namespace`.
pub fn topics(stats: BrokerStats, wants: impl Fn(&str) -> bool) -> HashMap<TopicName, Topic> {
    let mut topics = HashMap::new();
    for (namespace, bundles) in stats {
        if wants(&namespace) {
            let all = bundles.into_values().flat_map(HashMap::into_values).flatten();
            topics.extend(all.filter_map(|(name, topic)| Some((TopicName::parse(&name)?, topic))));
        }
    }
    topics
}

/// Adds a broker's topics. One that moves between two answers is in both: the one with clients is the newer.
pub fn merge(into: &mut HashMap<TopicName, Topic>, from: HashMap<TopicName, Topic>) {
    let clients =
        |topic: &Topic| topic.publishers.len() + topic.subscriptions.values().map(|s| s.consumers.len()).sum::<usize>();
    for (name, topic) in from {
        match into.get(&name) {
            Some(known) if clients(known) >= clients(&topic) => {}
            _ => {
                into.insert(name, topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsar::recorded::{VERSIONS, read, topics as recorded};

    fn name(local: &str) -> TopicName {
        TopicName::parse(&format!("persistent://shop/orders/{local}")).unwrap()
    }

    #[test]
    fn partitions_are_one_topic_and_unloaded_ones_are_missing() {
        for version in VERSIONS {
            let mut seen = recorded(version);
            seen.remove(&name("placed-partition-1"));
            let mut inventory = Inventory::default();
            inventory.list(["shop/orders".to_string()]);
            let listed: Vec<String> = read(version, "topics.json");
            let listed = listed.iter().filter_map(|text| TopicName::parse(text)).collect();
            inventory.namespaces.get_mut("shop/orders").unwrap().topics = Some(listed);
            let wholes = inventory.wholes(&seen);
            let placed = &wholes[&name("placed")];
            assert_eq!((placed.loaded.len(), placed.partitions()), (2, 3), "{version}");
            assert!(!placed.is_complete());
            assert!(wholes[&name("payments")].is_complete());
            assert!(inventory.is_whole());
        }
    }

    #[test]
    fn a_topic_on_the_move_is_counted_once() {
        let with = |consumers: usize| {
            let mut topic = Topic::default();
            topic.publishers.resize_with(consumers, Default::default);
            topic
        };
        let mut topics = HashMap::from([(name("a"), with(0)), (name("b"), with(2))]);
        merge(&mut topics, HashMap::from([(name("a"), with(1)), (name("b"), with(0))]));
        assert_eq!(
            (topics[&name("a")].publishers.len(), topics[&name("b")].publishers.len()),
            (1, 2)
        );
    }

    #[test]
    fn an_unloaded_topic_keeps_its_subscriptions() {
        let mut inventory = Inventory::default();
        let seen = |subs: &[&str]| BTreeMap::from([(name("a"), subs.iter().map(|s| s.to_string()).collect())]);
        inventory.remember(&seen(&["x", "y"]), &[name("a")].into());
        inventory.remember(&seen(&[]), &BTreeSet::new());
        assert_eq!(inventory.subscriptions[&name("a")].len(), 2);
        inventory.remember(&seen(&["x"]), &[name("a")].into());
        assert_eq!(
            inventory.subscriptions[&name("a")].len(),
            1,
            "deleted while it was loaded"
        );
        inventory.remember(&BTreeMap::new(), &BTreeSet::new());
        assert!(inventory.subscriptions.is_empty());
    }
}
