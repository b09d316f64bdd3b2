//! How old the oldest message of a subscription is: asked for a few topics on each visit, and known in between.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::{Method, Timestamp};

use super::names::{Reader, TopicName};
use super::odometer::FORGOTTEN_SECONDS;
use super::wire::Topic;

/// Each such question makes the broker read a message of each subscription: few on a visit.
pub const TOPICS_A_VISIT: usize = 10;
/// An answer stands for so long, where nobody tells whether the message was acknowledged meanwhile.
const STANDS_SECONDS: f64 = 180.0;

/// When the oldest message of a subscription was published.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Oldest {
    published: i64,
    asked: Timestamp,
    /// The last acknowledgement before the answer, by the brokers' clock.
    acknowledged: Option<i64>,
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
                let acknowledged = figures.last_acked_timestamp;
                let found = Oldest {
                    published,
                    asked: at,
                    acknowledged,
                };
                let worst = oldest.entry(subscription.clone()).or_insert(found);
                worst.published = worst.published.min(published);
                worst.acknowledged = worst.acknowledged.max(acknowledged);
            }
        }
        self.asked.insert(name.clone(), at);
        self.known.insert(name.clone(), oldest);
    }

    /// A question that failed is not asked again before the others.
    pub fn failed(&mut self, name: &TopicName, at: Timestamp) {
        self.asked.insert(name.clone(), at);
    }

    /// Seconds, with how they are known: exact on the visit on which the broker was asked; later only as long as nothing
    /// was acknowledged since, going by `acknowledged`, the last acknowledgement that is known now. Where there is none an
    /// answer stands for a few visits.
    pub fn of(
        &self,
        name: &TopicName,
        subscription: &str,
        acknowledged: Option<i64>,
        at: Timestamp,
    ) -> Option<(f64, Method)> {
        let oldest = self.known.get(name)?.get(subscription)?;
        let stands = match (acknowledged, oldest.acknowledged) {
            _ if oldest.asked == at => true,
            // What brokers tell of all topics is older than what they are asked for: it may not know of the last one yet.
            (Some(now), Some(then)) => now <= then,
            (Some(_), None) => false,
            (None, _) => at.seconds_since(oldest.asked) <= STANDS_SECONDS,
        };
        if !stands {
            return None;
        }
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

    /// Whether an age of the subscription was ever told, and not since forgotten.
    pub fn knew(&self, name: &TopicName, subscription: &str) -> bool {
        self.known
            .get(name)
            .is_some_and(|known| known.contains_key(subscription))
    }

    /// Forgets topics that are gone: `exists` knows what there is and, where that is not `all`, what was not asked for a
    /// day is gone as well.
    pub fn keep(&mut self, at: Timestamp, all: bool, exists: impl Fn(&TopicName) -> bool) {
        self.asked
            .retain(|name, asked| exists(name) || (!all && at.seconds_since(*asked) < FORGOTTEN_SECONDS));
        self.known.retain(|name, _| self.asked.contains_key(name));
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
            let acknowledged = answer
                .partitions
                .values()
                .map(|part| part.subscriptions["audit"].last_acked_timestamp);
            let acknowledged = acknowledged.max().flatten();
            let of = |ages: &Ages, acknowledged, at| ages.of(&name("placed"), "audit", acknowledged, at);
            let (age, method) = of(&ages, acknowledged, at).expect("it has a backlog");
            assert!(age > 60.0 && age < 600.0, "{age}");
            assert_eq!(method, Method::Exact);
            let later = of(&ages, acknowledged, at.plus_millis(60_000)).unwrap();
            assert_eq!(later, (age + 60.0, Method::Estimated));
            ages.forget(&name("placed"), "audit");
            assert_eq!(of(&ages, acknowledged, at), None);
        }
    }

    #[test]
    fn an_age_stands_until_something_is_acknowledged() {
        let (asked, hour) = (Timestamp(10_000_000), 3_600_000);
        for (then, now, later, stands) in [
            (Some(9_000), Some(9_000), hour, true),
            // What is told of all topics lags behind what a single one says.
            (Some(9_000), Some(8_000), hour, true),
            (Some(9_000), Some(9_001), 60_000, false),
            (None, Some(9_001), 60_000, false),
            (None, Some(9_001), 0, true),
            (None, None, 120_000, true),
            (Some(9_000), None, 120_000, true),
            (Some(9_000), None, hour, false),
        ] {
            let mut topic = backlog(1.0);
            let subscription = topic.subscriptions.get_mut("s").unwrap();
            subscription.earliest_msg_publish_time_in_backlog = Some(asked.0 - 5_000);
            subscription.last_acked_timestamp = then;
            let mut ages = Ages::default();
            ages.answered(&name("a"), [&topic], |theirs| theirs, asked);
            let told = ages.of(&name("a"), "s", now, asked.plus_millis(later));
            let expected = stands.then(|| 5.0 + later as f64 / 1_000.0);
            assert_eq!(told.map(|(age, _)| age), expected, "{then:?} {now:?} after {later}");
        }
    }

    #[test]
    fn topics_of_long_ago_are_forgotten_where_not_everything_is_known() {
        let mut ages = Ages::default();
        ages.failed(&name("a"), Timestamp(0));
        for (hours, all, exists, kept) in [(23, false, false, 1), (48, false, true, 1), (48, false, false, 0)] {
            ages.keep(Timestamp(hours * 3_600_000), all, |_| exists);
            assert_eq!(ages.asked.len(), kept, "after {hours} h");
        }
    }
}
