//! Counters that go on when the broker's own begin anew: each time a topic is unloaded, moved or its broker restarts.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;

use super::names::TopicName;
use super::wire::{Subscription, Topic};

/// A rate that is older than this says nothing about the time since.
const LONGEST_STEP_SECONDS: f64 = 600.0;
/// What nobody lists and nobody has told of for so long is gone.
pub const FORGOTTEN_SECONDS: f64 = 86_400.0;

/// One counter: what the broker counted last, and what it comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Counter {
    raw: Option<f64>,
    total: Option<f64>,
}

impl Counter {
    /// The first figure stands as it is; after a reset the broker counts from 0, so all of it is new. Returns how much
    /// is new.
    fn count(&mut self, now: Option<f64>) -> f64 {
        let Some(now) = now else { return 0.0 };
        let step = match self.raw {
            Some(before) if now >= before => now - before,
            _ => now,
        };
        self.total = Some(self.total.unwrap_or(0.0) + step);
        self.raw = Some(now);
        step
    }

    /// Where the broker tells only how many there are a second.
    fn drive(&mut self, rate: Option<f64>, seconds: f64) {
        if let Some(rate) = rate.filter(|rate| rate.is_finite() && *rate >= 0.0) {
            self.total = Some(self.total.unwrap_or(0.0) + rate * seconds);
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Ridden {
    published: Counter,
    bytes: Counter,
    subscriptions: HashMap<String, Read>,
    seen: Option<Timestamp>,
}

#[derive(Debug, Clone, Default)]
struct Read {
    delivered: Counter,
    acknowledged: Counter,
    redelivered: Counter,
}

/// Running totals of one topic or partition.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TopicTotals {
    pub published: Option<f64>,
    pub bytes: Option<f64>,
}

/// Running totals of one subscription.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReadTotals {
    pub delivered: Option<f64>,
    /// Estimated: Pulsar counts acknowledgements only as a rate.
    pub acknowledged: Option<f64>,
    /// Estimated, likewise.
    pub redelivered: Option<f64>,
}

/// The totals of everything that was ever seen on this connection.
#[derive(Debug, Default)]
pub struct Odometer {
    topics: HashMap<TopicName, Ridden>,
    /// What was published into the topics of a namespace, and into all: they neither fall when a topic is deleted nor
    /// stand still while one is not loaded.
    namespaces: HashMap<String, f64>,
    all: Option<f64>,
    /// Whether the visit before this one saw all topics that were loaded: those that are new on this one began to count
    /// since. Otherwise what a new one counts may be years old.
    saw_all: Option<bool>,
}

impl Odometer {
    /// Takes in what a visit saw of one topic or partition.
    pub fn take(&mut self, name: &TopicName, topic: &Topic, at: Timestamp) {
        let is_new = !self.topics.contains_key(name);
        if is_new {
            self.topics.insert(name.clone(), Ridden::default());
        }
        let Some(ridden) = self.topics.get_mut(name) else {
            return;
        };
        let passed = ridden.seen.map_or(0.0, |seen| at.seconds_since(seen));
        // The first visit begins at 0: how much was acknowledged before is not known, and not needed for a rate.
        let seconds = if passed > LONGEST_STEP_SECONDS {
            0.0
        } else {
            passed.max(0.0)
        };
        ridden.seen = Some(at);
        let published = ridden.published.count(topic.msg_in_count);
        ridden.bytes.count(topic.bytes_in_count);
        ridden
            .subscriptions
            .retain(|name, _| topic.subscriptions.contains_key(name));
        for (name, subscription) in &topic.subscriptions {
            if !ridden.subscriptions.contains_key(name) {
                ridden.subscriptions.insert(name.clone(), Read::default());
            }
            if let Some(read) = ridden.subscriptions.get_mut(name) {
                read.take(subscription, seconds);
            }
        }
        if !name.is_internal() {
            let is_old = is_new && self.saw_all == Some(false);
            self.add(&name.namespace, if is_old { 0.0 } else { published });
        }
    }

    fn add(&mut self, namespace: &str, published: f64) {
        match self.namespaces.get_mut(namespace) {
            Some(total) => *total += published,
            None => drop(self.namespaces.insert(namespace.to_string(), published)),
        }
        self.all = Some(self.all.unwrap_or(0.0) + published);
    }

    /// Ends the visit. `saw_all` is whether every broker told what it has loaded.
    pub fn end_visit(&mut self, saw_all: bool) {
        self.saw_all = Some(saw_all);
    }

    /// Messages published into the topics of a namespace.
    pub fn namespace(&self, namespace: &str) -> Option<f64> {
        self.namespaces.get(namespace).copied()
    }

    /// Messages published into all topics.
    pub fn all(&self) -> Option<f64> {
        self.all
    }

    pub fn topic(&self, name: &TopicName) -> TopicTotals {
        self.topics
            .get(name)
            .map_or(TopicTotals::default(), |ridden| TopicTotals {
                published: ridden.published.total,
                bytes: ridden.bytes.total,
            })
    }

    pub fn subscription(&self, name: &TopicName, subscription: &str) -> ReadTotals {
        let read = self
            .topics
            .get(name)
            .and_then(|ridden| ridden.subscriptions.get(subscription));
        read.map_or(ReadTotals::default(), |read| ReadTotals {
            delivered: read.delivered.total,
            acknowledged: read.acknowledged.total,
            redelivered: read.redelivered.total,
        })
    }

    /// Forgets topics that are gone: `exists` knows what there is and, where that is not `all`, what was not seen for a
    /// day is gone as well.
    pub fn keep(&mut self, at: Timestamp, all: bool, exists: impl Fn(&TopicName) -> bool) {
        let is_recent = |ridden: &Ridden| {
            let seen = ridden.seen.map(|seen| at.seconds_since(seen));
            seen.is_some_and(|seconds| seconds < FORGOTTEN_SECONDS)
        };
        self.topics
            .retain(|name, ridden| exists(name) || (!all && is_recent(ridden)));
    }
}

impl Read {
    fn take(&mut self, subscription: &Subscription, seconds: f64) {
        match subscription.msg_out_counter {
            Some(counted) => {
                self.delivered.count(Some(counted));
            }
            None => self.delivered.drive(subscription.msg_rate_out, seconds),
        }
        self.acknowledged.drive(subscription.message_ack_rate, seconds);
        self.redelivered.drive(subscription.msg_rate_redeliver, seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> TopicName {
        TopicName::parse("persistent://a/b/c").unwrap()
    }

    fn topic(published: f64, acks: Option<f64>) -> Topic {
        let subscription = Subscription {
            message_ack_rate: acks,
            ..Subscription::default()
        };
        Topic {
            msg_in_count: Some(published),
            subscriptions: [("s".to_string(), subscription)].into(),
            ..Topic::default()
        }
    }

    #[test]
    fn an_unloaded_topic_counts_from_nothing_and_the_total_goes_on() {
        let mut odometer = Odometer::default();
        for (second, counted, total) in [
            (0, 100.0, 100.0),
            (60, 150.0, 150.0),
            (120, 7.0, 157.0),
            (180, 9.0, 159.0),
        ] {
            odometer.take(&name(), &topic(counted, None), Timestamp(second * 1_000));
            assert_eq!(odometer.topic(&name()).published, Some(total), "at {second} s");
        }
    }

    #[test]
    fn acknowledgements_are_summed_from_their_rate_but_not_over_a_gap() {
        let mut odometer = Odometer::default();
        for (second, rate, total) in [(0, 5.0, 0.0), (60, 5.0, 300.0), (120, 0.0, 300.0), (7_200, 5.0, 300.0)] {
            odometer.take(&name(), &topic(0.0, Some(rate)), Timestamp(second * 1_000));
            let totals = odometer.subscription(&name(), "s");
            assert_eq!(totals.acknowledged, Some(total), "at {second} s");
            assert_eq!(totals.delivered, None, "never told");
        }
        odometer.keep(Timestamp(7_200_000), true, |_| false);
        assert_eq!(odometer.subscription(&name(), "s"), ReadTotals::default());
    }

    #[test]
    fn a_namespace_counts_what_is_new_and_never_a_whole_life_at_once() {
        let named = |local: &str| TopicName::parse(&format!("persistent://a/b/{local}")).unwrap();
        let mut odometer = Odometer::default();
        let mut totals = Vec::new();
        for (visit, (seen, saw_all)) in [
            (vec![("old", 100.0), ("other", 50.0)], true),
            // `other` was unloaded, and `old` goes on.
            (vec![("old", 110.0)], true),
            // It is loaded again by five new messages, and a new topic has three.
            (vec![("old", 110.0), ("other", 5.0), ("new", 3.0)], true),
            // A broker is silent, and `old` with it; then it tells of a topic that was never seen before.
            (vec![("other", 6.0), ("new", 3.0)], false),
            (
                vec![("old", 112.0), ("other", 6.0), ("new", 3.0), ("hidden", 9_000.0)],
                true,
            ),
            // Deleting one takes nothing back.
            (vec![("hidden", 9_001.0)], true),
        ]
        .into_iter()
        .enumerate()
        {
            let at = Timestamp(visit as i64 * 60_000);
            for (local, counted) in seen {
                odometer.take(&named(local), &topic(counted, None), at);
            }
            odometer.end_visit(saw_all);
            totals.push(odometer.namespace("a/b").unwrap());
        }
        assert_eq!(totals, [150.0, 160.0, 168.0, 169.0, 171.0, 172.0]);
        assert_eq!(odometer.all(), Some(172.0));
    }

    #[test]
    fn what_is_gone_is_forgotten_after_a_day_where_not_everything_is_known() {
        let mut odometer = Odometer::default();
        odometer.take(&name(), &topic(1.0, None), Timestamp(0));
        for (hours, all, exists, kept) in [
            (23, false, false, true),
            (48, false, true, true),
            (48, true, true, true),
            (48, false, false, false),
        ] {
            odometer.keep(Timestamp(hours * 3_600_000), all, |_| exists);
            let known = odometer.topic(&name()).published.is_some();
            assert_eq!(known, kept, "after {hours} h, {all}, {exists}");
        }
    }

    #[test]
    fn what_the_broker_never_told_has_no_total() {
        let mut odometer = Odometer::default();
        odometer.take(&name(), &topic(1.0, None), Timestamp(0));
        odometer.take(&name(), &topic(1.0, None), Timestamp(60_000));
        assert_eq!(odometer.subscription(&name(), "s").acknowledged, None);
    }
}
