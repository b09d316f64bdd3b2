//! Counters that go on when the broker's own begin anew: each time a topic is unloaded, moved or its broker restarts.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;

use super::names::TopicName;
use super::wire::{Subscription, Topic};

/// A rate that is older than this says nothing about the time since.
const LONGEST_STEP_SECONDS: f64 = 600.0;

/// One counter: what the broker counted last, and what it comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Counter {
    raw: Option<f64>,
    total: Option<f64>,
}

impl Counter {
    /// The first figure stands as it is; after a reset the broker counts from 0, so all of it is new.
    fn count(&mut self, now: Option<f64>) {
        let Some(now) = now else { return };
        let step = match self.raw {
            Some(before) if now >= before => now - before,
            _ => now,
        };
        self.total = Some(self.total.unwrap_or(0.0) + step);
        self.raw = Some(now);
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
pub struct Odometer(HashMap<TopicName, Ridden>);

impl Odometer {
    /// Takes in what a visit saw of one topic or partition.
    pub fn take(&mut self, name: &TopicName, topic: &Topic, at: Timestamp) {
        if !self.0.contains_key(name) {
            self.0.insert(name.clone(), Ridden::default());
        }
        let Some(ridden) = self.0.get_mut(name) else { return };
        let passed = ridden.seen.map_or(0.0, |seen| at.seconds_since(seen));
        // The first visit begins at 0: how much was acknowledged before is not known, and not needed for a rate.
        let seconds = if passed > LONGEST_STEP_SECONDS {
            0.0
        } else {
            passed.max(0.0)
        };
        ridden.seen = Some(at);
        ridden.published.count(topic.msg_in_count);
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
    }

    pub fn topic(&self, name: &TopicName) -> TopicTotals {
        self.0.get(name).map_or(TopicTotals::default(), |ridden| TopicTotals {
            published: ridden.published.total,
            bytes: ridden.bytes.total,
        })
    }

    pub fn subscription(&self, name: &TopicName, subscription: &str) -> ReadTotals {
        let read = self
            .0
            .get(name)
            .and_then(|ridden| ridden.subscriptions.get(subscription));
        read.map_or(ReadTotals::default(), |read| ReadTotals {
            delivered: read.delivered.total,
            acknowledged: read.acknowledged.total,
            redelivered: read.redelivered.total,
        })
    }

    /// Forgets topics that are gone.
    pub fn keep(&mut self, exists: impl Fn(&TopicName) -> bool) {
        self.0.retain(|name, _| exists(name));
    }
}

impl Read {
    fn take(&mut self, subscription: &Subscription, seconds: f64) {
        match subscription.msg_out_counter {
            Some(counted) => self.delivered.count(Some(counted)),
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
        odometer.keep(|_| false);
        assert_eq!(odometer.subscription(&name(), "s"), ReadTotals::default());
    }

    #[test]
    fn what_the_broker_never_told_has_no_total() {
        let mut odometer = Odometer::default();
        odometer.take(&name(), &topic(1.0, None), Timestamp(0));
        odometer.take(&name(), &topic(1.0, None), Timestamp(60_000));
        assert_eq!(odometer.subscription(&name(), "s").acknowledged, None);
    }
}
