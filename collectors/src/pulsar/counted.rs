//! Backlogs that were counted because brokers only keep account of them, and sometimes lose count.
//!
//! What a broker tells of all topics at once is a difference of two running counts, which may stay above zero when
//! everything is acknowledged. A topic that is asked for its age is asked for its exact backlog with the same question.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::Timestamp;

use super::names::TopicName;
use super::wire::Topic;

/// What a broker said of a subscription by the way, and when it was asked to count.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Miscount {
    told: f64,
    counted: f64,
    /// What was told then is older than the count: only if it is still told later it is wrong.
    since: Timestamp,
}

/// Of one topic or partition: what had been published into it, and what was miscounted.
#[derive(Debug, Clone, PartialEq)]
struct Miscounts {
    published: Option<f64>,
    subscriptions: BTreeMap<String, Miscount>,
}

#[derive(Debug, Default)]
pub struct Counted(HashMap<TopicName, Miscounts>);

impl Counted {
    /// Takes the answer of a topic or partition that was `seen` among all others before. Only what is too high is a
    /// miscount, what is too low has grown since; and where something was published meanwhile nobody can tell.
    pub fn answered(&mut self, name: &TopicName, seen: &Topic, answer: &Topic, at: Timestamp) {
        if seen.msg_in_count != answer.msg_in_count {
            self.0.remove(name);
            return;
        }
        let known = self.0.get(name).filter(|known| known.published == seen.msg_in_count);
        let subscriptions = seen.subscriptions.iter().filter_map(|(name, seen)| {
            let (told, counted) = (seen.msg_backlog?, answer.subscriptions.get(name)?.msg_backlog?);
            let known = known.and_then(|known| known.subscriptions.get(name));
            let since = known.filter(|known| known.told == told).map_or(at, |known| known.since);
            (counted < told).then(|| (name.clone(), Miscount { told, counted, since }))
        });
        let miscounts = Miscounts {
            published: seen.msg_in_count,
            subscriptions: subscriptions.collect(),
        };
        match miscounts.subscriptions.is_empty() {
            true => self.0.remove(name),
            false => self.0.insert(name.clone(), miscounts),
        };
    }

    /// Puts right what brokers still say as they did when they were asked to count. A backlog that moved since is told
    /// as it is.
    pub fn correct(&mut self, seen: &mut HashMap<TopicName, Topic>, at: Timestamp) {
        self.0.retain(|name, miscounts| {
            let Some(topic) = seen.get_mut(name) else { return false };
            if topic.msg_in_count != miscounts.published {
                return false;
            }
            miscounts.subscriptions.retain(|subscription, miscount| {
                let Some(subscription) = topic.subscriptions.get_mut(subscription) else {
                    return false;
                };
                let stands = subscription.msg_backlog == Some(miscount.told);
                if stands && miscount.since < at {
                    subscription.msg_backlog = Some(miscount.counted);
                }
                stands
            });
            !miscounts.subscriptions.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(published: f64, backlog: f64) -> Topic {
        let topic = serde_json::json!({"msgInCounter": published, "subscriptions": {"s": {"msgBacklog": backlog}}});
        serde_json::from_value(topic).unwrap()
    }

    #[test]
    fn a_miscount_is_put_right_until_something_moves() {
        let name = TopicName::parse("persistent://shop/orders/jobs").unwrap();
        for (counted, later, expected) in [
            ((10.0, 0.0), (10.0, 7.0), 0.0),
            ((10.0, 3.0), (10.0, 7.0), 3.0),
            // More than was told has come since; it is no miscount.
            ((10.0, 9.0), (10.0, 7.0), 7.0),
            ((11.0, 0.0), (11.0, 7.0), 7.0),
            ((10.0, 0.0), (11.0, 7.0), 7.0),
            ((10.0, 0.0), (10.0, 6.0), 6.0),
        ] {
            let mut known = Counted::default();
            let (asked, next) = (Timestamp(0), Timestamp(60_000));
            known.answered(&name, &topic(10.0, 7.0), &topic(counted.0, counted.1), asked);
            let mut seen = HashMap::from([(name.clone(), topic(10.0, 7.0))]);
            known.correct(&mut seen, asked);
            let backlog = seen[&name].subscriptions["s"].msg_backlog;
            assert_eq!(backlog, Some(7.0), "it may just be older than the count");
            // Asked once more, with the same answer.
            known.answered(&name, &topic(10.0, 7.0), &topic(counted.0, counted.1), next);
            let mut seen = HashMap::from([(name.clone(), topic(later.0, later.1))]);
            known.correct(&mut seen, next);
            let backlog = seen[&name].subscriptions["s"].msg_backlog;
            assert_eq!(backlog, Some(expected), "{counted:?} counted, then {later:?}");
            assert_eq!(
                known.0.is_empty(),
                expected == later.1,
                "what does not stand is forgotten"
            );
        }
    }
}
