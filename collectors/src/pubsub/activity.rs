//! What was last told of each subscription, to say who reads it and what lies in dead-letter topics.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::{EntityKey, EntityKind, History, Timestamp, metrics};

use super::inventory::topic_key;
use super::wire::Subscription;

/// Pull requests of this long ago still mean that somebody reads: pullers pause between requests.
const PULLED_WITHIN_MILLIS: i64 = 5 * 60_000;

#[derive(Debug, Clone, Default)]
struct Activity {
    depth: Option<(Timestamp, f64)>,
    streams: Option<(Timestamp, f64)>,
    /// The sum of pull requests, and when it last grew.
    pulls: Option<f64>,
    pulled_at: Option<Timestamp>,
    /// Sums of push requests and of those that failed, over the last minutes.
    pushes: BTreeMap<Timestamp, f64>,
    push_errors: BTreeMap<Timestamp, f64>,
}

/// Push requests of the last minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pushes {
    pub requests: f64,
    pub failed: f64,
}

/// Push requests are looked at over this time, which is known so much later.
const PUSHED_WITHIN_MILLIS: i64 = 5 * 60_000;
const LATE_MILLIS: i64 = 5 * 60_000;

/// Keeps the sums of the last minutes; what is told again replaces what it repeats.
fn recall(sums: &mut BTreeMap<Timestamp, f64>, told: &[(Timestamp, f64)]) {
    if let Some((first, _)) = told.first() {
        drop(sums.split_off(first));
    }
    sums.extend(told.iter().copied());
    if let Some((newest, _)) = sums.last_key_value() {
        *sums = sums.split_off(&newest.plus_millis(-PUSHED_WITHIN_MILLIS));
    }
}

fn grown(sums: &BTreeMap<Timestamp, f64>) -> f64 {
    let ends = sums.first_key_value().zip(sums.last_key_value());
    ends.map_or(0.0, |((_, first), (_, last))| last - first)
}

#[derive(Debug, Default)]
pub struct Activities(HashMap<EntityKey, Activity>);

impl Activities {
    pub fn note(&mut self, history: &[History]) {
        for series in history
            .iter()
            .filter(|series| series.entity.kind == EntityKind::Subscription)
        {
            let activity = self.0.entry(series.entity.clone()).or_default();
            match series.metric {
                metric if metric == metrics::DEPTH => activity.depth = series.points.last().copied(),
                metric if metric == metrics::PUBSUB_OPEN_STREAMS => activity.streams = series.points.last().copied(),
                metric if metric == metrics::PUBSUB_PUSH_REQUESTS => recall(&mut activity.pushes, &series.points),
                metric if metric == metrics::PUBSUB_PUSH_ERRORS => recall(&mut activity.push_errors, &series.points),
                metric if metric == metrics::PUBSUB_PULL_REQUESTS => {
                    for (at, sum) in &series.points {
                        if activity.pulls.is_some_and(|before| *sum > before) {
                            activity.pulled_at = Some(*at);
                        }
                        activity.pulls = Some(*sum);
                    }
                }
                _ => {}
            }
        }
    }

    /// What became of push requests in the last minutes before `now`; `None` where there were none.
    pub fn pushes(&self, key: &EntityKey, now: Timestamp) -> Option<Pushes> {
        let activity = self.0.get(key)?;
        let (newest, _) = activity.pushes.last_key_value()?;
        let requests = grown(&activity.pushes);
        let is_lately = now.millis_since(*newest) < PUSHED_WITHIN_MILLIS + LATE_MILLIS;
        (is_lately && requests > 0.0).then(|| Pushes {
            requests,
            failed: grown(&activity.push_errors),
        })
    }

    pub fn keep(&mut self, knows: impl Fn(&EntityKey) -> bool) {
        self.0.retain(|key, _| knows(key));
    }

    /// How many readers a subscription had when its depth was last measured. For those that Pub/Sub itself delivers
    /// to an endpoint it is one. Nothing, where no depth was told.
    ///
    /// No series of pulls means that nobody pulls, because `asked` says that the question was answered: Monitoring
    /// writes nothing where nothing happens.
    pub fn readers(&self, key: &EntityKey, subscription: &Subscription, asked: bool) -> Option<History> {
        let activity = self.0.get(key)?;
        let (at, _) = activity.depth?;
        let delivers = subscription.delivers_to().is_some();
        let streams = activity
            .streams
            .filter(|(when, _)| at.millis_since(*when).abs() <= PULLED_WITHIN_MILLIS);
        let pulls = activity
            .pulled_at
            .is_some_and(|when| at.millis_since(when) <= PULLED_WITHIN_MILLIS);
        let readers = match streams {
            _ if delivers => 1.0,
            _ if !asked => return None,
            Some((_, open)) if open > 0.0 => open,
            _ if pulls => 1.0,
            _ => 0.0,
        };
        Some(History {
            entity: key.clone(),
            metric: metrics::CONSUMERS,
            points: vec![(at, readers)],
        })
    }

    /// What lies in dead-letter topics: as much as the subscription holds that is furthest behind there.
    ///
    /// A topic holds nothing itself, and each of its subscriptions gets every message, so their sum would count the
    /// same message several times. Told when one of their depths is new.
    pub fn dead_letters<'a>(
        &self,
        subscriptions: impl Iterator<Item = (&'a EntityKey, &'a Subscription)> + Clone,
        is_new: impl Fn(&EntityKey) -> bool,
    ) -> Vec<History> {
        let policies = subscriptions.clone().filter_map(|(_, s)| s.dead_letter_policy.as_ref());
        let targets: BTreeSet<&str> = policies.map(|policy| policy.dead_letter_topic.as_str()).collect();
        let mut depths: BTreeMap<EntityKey, (Timestamp, f64)> = BTreeMap::new();
        let mut news: BTreeSet<EntityKey> = BTreeSet::new();
        for (key, subscription) in subscriptions {
            let held = self.0.get(key).and_then(|activity| activity.depth);
            let topic = topic_key(&subscription.topic).filter(|_| targets.contains(subscription.topic.as_str()));
            if let (Some((at, depth)), Some(topic)) = (held, topic) {
                if is_new(key) {
                    news.insert(topic.clone());
                }
                let most = depths.entry(topic).or_insert((at, depth));
                *most = (most.0.max(at), most.1.max(depth));
            }
        }
        let history = |(entity, point)| History {
            entity,
            metric: metrics::DEPTH,
            points: vec![point],
        };
        let depths = depths.into_iter().filter(|(topic, _)| news.contains(topic));
        depths.map(history).collect()
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::MetricId;

    use super::*;
    use crate::pubsub::wire::{DeadLetterPolicy, PushConfig};

    fn key(name: &str) -> EntityKey {
        EntityKey::new(EntityKind::Subscription, ["shop", name])
    }

    fn told(name: &str, metric: MetricId, points: &[(i64, f64)]) -> History {
        History {
            entity: key(name),
            metric,
            points: points
                .iter()
                .map(|(at, value)| (Timestamp(at * 60_000), *value))
                .collect(),
        }
    }

    fn of_topic(topic: &str) -> Subscription {
        Subscription {
            topic: format!("projects/shop/topics/{topic}"),
            ..Subscription::default()
        }
    }

    #[test]
    fn readers_are_streams_or_recent_pulls_or_the_endpoint() {
        use metrics::{DEPTH, PUBSUB_OPEN_STREAMS, PUBSUB_PULL_REQUESTS};
        let push = Subscription {
            push_config: Some(PushConfig {
                push_endpoint: Some("https://x".into()),
            }),
            ..of_topic("orders")
        };
        let depth = told("s", DEPTH, &[(10, 5.0)]);
        for (more, subscription, asked, expected) in [
            (None, of_topic("orders"), true, Some(0.0)),
            (None, of_topic("orders"), false, None),
            (None, push, false, Some(1.0)),
            (
                Some(told("s", PUBSUB_OPEN_STREAMS, &[(10, 3.0)])),
                of_topic("orders"),
                true,
                Some(3.0),
            ),
            (
                Some(told("s", PUBSUB_OPEN_STREAMS, &[(2, 3.0)])),
                of_topic("orders"),
                true,
                Some(0.0),
            ),
            (
                Some(told("s", PUBSUB_PULL_REQUESTS, &[(7, 0.0), (8, 4.0)])),
                of_topic("orders"),
                true,
                Some(1.0),
            ),
            (
                Some(told("s", PUBSUB_PULL_REQUESTS, &[(1, 0.0), (2, 4.0), (8, 4.0)])),
                of_topic("orders"),
                true,
                Some(0.0),
            ),
        ] {
            let mut activities = Activities::default();
            activities.note(std::slice::from_ref(&depth));
            activities.note(&Vec::from_iter(more));
            let readers = activities.readers(&key("s"), &subscription, asked);
            assert_eq!(readers.map(|series| series.points[0].1), expected);
        }
        assert!(
            Activities::default()
                .readers(&key("s"), &of_topic("orders"), true)
                .is_none()
        );
    }

    #[test]
    fn pushes_are_those_of_the_last_minutes() {
        use metrics::{PUBSUB_PUSH_ERRORS, PUBSUB_PUSH_REQUESTS};
        let mut activities = Activities::default();
        activities.note(&[
            told(
                "s",
                PUBSUB_PUSH_REQUESTS,
                &[(0, 0.0), (1, 90.0), (6, 100.0), (10, 140.0)],
            ),
            told("s", PUBSUB_PUSH_ERRORS, &[(0, 0.0), (1, 90.0), (6, 90.0), (10, 95.0)]),
        ]);
        let pushes = |activities: &Activities, minute: i64| activities.pushes(&key("s"), Timestamp(minute * 60_000));
        let expected = Pushes {
            requests: 40.0,
            failed: 5.0,
        };
        assert_eq!(pushes(&activities, 12), Some(expected));
        assert_eq!(pushes(&activities, 30), None, "long ago");
        // Told again with more: not added to what it repeats.
        activities.note(&[told("s", PUBSUB_PUSH_REQUESTS, &[(6, 100.0), (10, 150.0)])]);
        assert_eq!(pushes(&activities, 12).map(|pushes| pushes.requests), Some(50.0));
    }

    #[test]
    fn a_dead_letter_topic_holds_what_its_fullest_subscription_holds() {
        let mut source = of_topic("orders");
        source.dead_letter_policy = Some(DeadLetterPolicy {
            dead_letter_topic: "projects/shop/topics/dead".into(),
            max_delivery_attempts: Some(5.0),
        });
        let subscriptions = [
            (key("billing"), source),
            (key("look"), of_topic("dead")),
            (key("archive"), of_topic("dead")),
        ];
        let mut activities = Activities::default();
        activities.note(&[
            told("billing", metrics::DEPTH, &[(9, 100.0)]),
            told("look", metrics::DEPTH, &[(9, 2.0)]),
            told("archive", metrics::DEPTH, &[(8, 7.0)]),
        ]);
        let all = subscriptions.iter().map(|(key, s)| (key, s));
        assert!(
            activities.dead_letters(all.clone(), |_| false).is_empty(),
            "nothing new"
        );
        let held = activities.dead_letters(all, |key| key.name() == "look");
        assert_eq!(held.len(), 1);
        assert_eq!((held[0].entity.name(), held[0].points[0].1), ("dead", 7.0));
    }
}
