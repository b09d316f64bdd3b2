//! How old the oldest message of a subscription is: asked for a few topics on each visit, and known in between.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::{Method, Timestamp};

use super::names::{Reader, TopicName};
use super::wire::Topic;

/// Each such question makes the broker read a message of each subscription: few on a visit.
pub const TOPICS_A_VISIT: usize = 10;

/// When the oldest message of a subscription was published.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Oldest {
    published: i64,
    asked: Timestamp,
}

/// By whole topic and subscription.
#[derive(Debug, Default)]
pub struct Ages {
    known: HashMap<TopicName, BTreeMap<String, Oldest>>,
    asked: HashMap<TopicName, Timestamp>,
}

impl Ages {
    /// The topics to ask about on this visit: those with a backlog, the ones not asked for longest first.
    pub fn due(&self, seen: &HashMap<TopicName, Topic>, most: usize) -> Vec<TopicName> {
        let waits = |topic: &Topic| {
            topic.subscriptions.iter().any(|(name, subscription)| {
                Reader::of(name) == Reader::Application && subscription.msg_backlog.is_some_and(|n| n > 0.0)
            })
        };
        let backlogged: BTreeSet<TopicName> = seen
            .iter()
            .filter(|(name, topic)| name.persistent && !name.is_internal() && waits(topic))
            .map(|(name, _)| name.whole())
            .collect();
        let mut due: Vec<_> = backlogged
            .into_iter()
            .map(|name| (self.asked.get(&name).copied().unwrap_or_default(), name))
            .collect();
        due.sort();
        due.truncate(most);
        due.into_iter().map(|(_, name)| name).collect()
    }

    /// Takes in the answers about a topic: of itself, or of each of its partitions, of which the oldest counts. Times of
    /// publishing are the brokers'; `as_here` makes them this machine's.
    pub fn answered<'a>(
        &mut self,
        name: &TopicName,
        parts: impl IntoIterator<Item = &'a Topic>,
        as_here: impl Fn(Timestamp) -> Timestamp,
        at: Timestamp,
    ) {
        let mut oldest: BTreeMap<String, Oldest> = BTreeMap::new();
        for part in parts {
            for (subscription, figures) in &part.subscriptions {
                let Some(published) = figures.earliest_msg_publish_time_in_backlog else {
                    continue;
                };
                let published = as_here(Timestamp(published)).0;
                let found = Oldest { published, asked: at };
                let worst = oldest.entry(subscription.clone()).or_insert(found);
                worst.published = worst.published.min(published);
            }
        }
        self.asked.insert(name.clone(), at);
        self.known.insert(name.clone(), oldest);
    }

    /// A question that failed is not asked again before the others.
    pub fn failed(&mut self, name: &TopicName, at: Timestamp) {
        self.asked.insert(name.clone(), at);
    }

    /// Seconds, with how they are known: exact on the visit on which the broker was asked; later an upper bound, since
    /// the message may have been acknowledged meanwhile.
    pub fn of(&self, name: &TopicName, subscription: &str, at: Timestamp) -> Option<(f64, Method)> {
        let oldest = self.known.get(name)?.get(subscription)?;
        let age = at.seconds_since(Timestamp(oldest.published)).max(0.0);
        let method = if oldest.asked == at {
            Method::Exact
        } else {
            Method::Estimated
        };
        Some((age, method))
    }

    /// Nothing waits any more.
    pub fn forget(&mut self, name: &TopicName, subscription: &str) {
        if let Some(known) = self.known.get_mut(name) {
            known.remove(subscription);
        }
    }

    pub fn keep(&mut self, exists: impl Fn(&TopicName) -> bool) {
        self.known.retain(|name, _| exists(name));
        self.asked.retain(|name, _| exists(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsar::recorded::{VERSIONS, read};
    use crate::pulsar::wire::{PartitionedTopic, Subscription};

    fn name(local: &str) -> TopicName {
        TopicName::parse(&format!("persistent://shop/orders/{local}")).unwrap()
    }

    fn backlog(n: f64) -> Topic {
        let subscription = Subscription {
            msg_backlog: Some(n),
            ..Subscription::default()
        };
        Topic {
            subscriptions: [("s".to_string(), subscription)].into(),
            ..Topic::default()
        }
    }

    #[test]
    fn topics_with_a_backlog_take_turns() {
        let seen: HashMap<_, _> = [("a", 1.0), ("b", 0.0), ("c-partition-0", 2.0), ("c-partition-1", 3.0)]
            .map(|(local, n)| (name(local), backlog(n)))
            .into();
        let mut ages = Ages::default();
        assert_eq!(
            ages.due(&seen, 9),
            [name("a"), name("c")],
            "a partitioned topic is one question"
        );
        ages.failed(&name("a"), Timestamp(5));
        assert_eq!(ages.due(&seen, 1), [name("c")]);
    }

    #[test]
    fn the_oldest_of_all_partitions_counts_and_is_exact_only_when_asked() {
        for version in VERSIONS {
            let answer: PartitionedTopic = read(version, "partitioned-stats.json");
            assert_eq!(answer.partitions.len(), 3);
            let mut ages = Ages::default();
            let at = Timestamp(1_795_450_600_000);
            ages.answered(&name("placed"), answer.partitions.values(), |theirs| theirs, at);
            let (age, method) = ages.of(&name("placed"), "audit", at).expect("it has a backlog");
            assert!(age > 60.0 && age < 600.0, "{age}");
            assert_eq!(method, Method::Exact);
            let later = ages.of(&name("placed"), "audit", at.plus_millis(60_000)).unwrap();
            assert_eq!(later, (age + 60.0, Method::Estimated));
            ages.forget(&name("placed"), "audit");
            assert_eq!(ages.of(&name("placed"), "audit", at), None);
        }
    }
}
