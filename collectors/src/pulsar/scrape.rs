//! Takes from a broker's metrics what its `broker-stats` leave out: counters and delays of subscriptions, ages, quotas.

use std::collections::HashMap;

use super::names::{Reader, TopicName};
use super::wire::{Subscription, Topic};
use crate::prometheus::{Labels, lines};

/// What one broker's metrics say.
#[derive(Debug, Clone, Default)]
pub struct Scraped {
    /// The name of the cluster that the broker belongs to.
    pub cluster: Option<String>,
    pub topics: HashMap<TopicName, Topic>,
    /// Open client connections of this broker.
    pub connections: Option<f64>,
}

impl Scraped {
    /// Metrics of topics are there only with `exposeTopicLevelMetricsInPrometheus=true`, which is the default.
    pub fn has_topics(&self) -> bool {
        !self.topics.is_empty()
    }
}

/// Reads the figures of topics that `wants` accepts, by `tenant/namespace`.
pub fn scrape(text: &str, wants: impl Fn(&str) -> bool) -> Scraped {
    let mut scraped = Scraped::default();
    // Lines of one topic follow each other only by accident, but names repeat: each is read once.
    let mut names: HashMap<String, Option<TopicName>> = HashMap::new();
    for line in lines(text) {
        let Some(figure) = figure(line.name) else { continue };
        if !line.value.is_finite() {
            continue;
        }
        if scraped.cluster.is_none() {
            scraped.cluster = line.labels.get("cluster").map(String::from);
        }
        if let Figure::Connections = figure {
            *scraped.connections.get_or_insert(0.0) += line.value;
            continue;
        }
        let Some(name) = line.labels.get("topic") else { continue };
        if !names.contains_key(name.as_ref()) {
            let parsed = TopicName::parse(&name).filter(|name| wants(&name.namespace));
            names.insert(name.to_string(), parsed);
        }
        let Some(name) = names.get(name.as_ref()).and_then(Option::as_ref) else {
            continue;
        };
        if !scraped.topics.contains_key(name) {
            scraped.topics.insert(name.clone(), Topic::default());
        }
        if let Some(topic) = scraped.topics.get_mut(name) {
            take(topic, &figure, line.labels, line.value);
        }
    }
    scraped
}

fn take(topic: &mut Topic, figure: &Figure, labels: Labels<'_>, value: f64) {
    match figure {
        Figure::Connections => {}
        Figure::Topic(set) => set(topic, value),
        Figure::Subscription(set) => {
            let Some(name) = labels.get("subscription") else { return };
            if Reader::of(&name) == Reader::Broker {
                return;
            }
            set(topic.subscriptions.entry(name.into_owned()).or_default(), value);
        }
    }
}

enum Figure {
    Connections,
    Topic(fn(&mut Topic, f64)),
    Subscription(fn(&mut Subscription, f64)),
}

/// Which of some hundred kinds of line are read, and into what. Negative ages and limits mean that there is none.
fn figure(name: &str) -> Option<Figure> {
    use Figure::{Subscription as Of, Topic as OfTopic};
    Some(match name {
        "pulsar_active_connections" => Figure::Connections,
        "pulsar_in_messages_total" => OfTopic(|t, v| t.msg_in_count = Some(v)),
        "pulsar_in_bytes_total" => OfTopic(|t, v| t.bytes_in_count = Some(v)),
        "pulsar_storage_size" => OfTopic(|t, v| t.storage_size = not_negative(v)),
        "pulsar_storage_backlog_size" => OfTopic(|t, v| t.backlog_size = not_negative(v)),
        "pulsar_storage_offloaded_size" => OfTopic(|t, v| t.offloaded_storage_size = not_negative(v)),
        "pulsar_storage_backlog_age_seconds" => OfTopic(|t, v| t.oldest_backlog_message_age_seconds = not_negative(v)),
        "pulsar_storage_backlog_quota_limit" => OfTopic(|t, v| t.backlog_quota_limit_size = not_negative(v)),
        "pulsar_storage_backlog_quota_limit_time" => OfTopic(|t, v| t.backlog_quota_limit_time = not_negative(v)),
        "pulsar_subscription_back_log" => Of(|s, v| s.msg_backlog = not_negative(v)),
        "pulsar_subscription_delayed" => Of(|s, v| s.msg_delayed = not_negative(v)),
        "pulsar_subscription_unacked_messages" => Of(|s, v| s.unacked_messages = not_negative(v)),
        "pulsar_subscription_blocked_on_unacked_messages" => Of(|s, v| s.blocked_on_unacked = Some(v > 0.0)),
        "pulsar_subscription_consumers_count" => Of(|s, v| s.consumers_count = Some(v)),
        "pulsar_subscription_msg_ack_rate" => Of(|s, v| s.message_ack_rate = Some(v)),
        "pulsar_subscription_msg_rate_redeliver" => Of(|s, v| s.msg_rate_redeliver = Some(v)),
        "pulsar_out_messages_total" => Of(|s, v| s.msg_out_counter = Some(v)),
        "pulsar_subscription_last_consumed_timestamp" => Of(|s, v| s.last_consumed_timestamp = time(v)),
        "pulsar_subscription_last_acked_timestamp" => Of(|s, v| s.last_acked_timestamp = time(v)),
        _ => return None,
    })
}

fn not_negative(value: f64) -> Option<f64> {
    Some(value).filter(|value| *value >= 0.0)
}

fn time(value: f64) -> Option<i64> {
    (value > 0.0).then_some(value as i64)
}

/// Adds to a topic what its metrics say and its other figures do not. Figures that both have stay as they are: within
/// one answer they belong together.
pub fn complete(topic: &mut Topic, metrics: &Topic) {
    topic.msg_in_count = topic.msg_in_count.or(metrics.msg_in_count);
    topic.bytes_in_count = topic.bytes_in_count.or(metrics.bytes_in_count);
    topic.storage_size = topic.storage_size.or(metrics.storage_size);
    topic.backlog_size = topic.backlog_size.or(metrics.backlog_size);
    topic.offloaded_storage_size = topic.offloaded_storage_size.or(metrics.offloaded_storage_size);
    topic.oldest_backlog_message_age_seconds = topic
        .oldest_backlog_message_age_seconds
        .or(metrics.oldest_backlog_message_age_seconds);
    topic.backlog_quota_limit_size = topic.backlog_quota_limit_size.or(metrics.backlog_quota_limit_size);
    topic.backlog_quota_limit_time = topic.backlog_quota_limit_time.or(metrics.backlog_quota_limit_time);
    for (name, from) in &metrics.subscriptions {
        // Unacknowledged messages are counted for the shared types only; the metrics say 0 for the others.
        let Some(into) = topic.subscriptions.get_mut(name) else {
            continue;
        };
        into.msg_delayed = into.msg_delayed.or(from.msg_delayed);
        into.msg_backlog = into.msg_backlog.or(from.msg_backlog);
        into.message_ack_rate = into.message_ack_rate.or(from.message_ack_rate);
        into.msg_rate_redeliver = into.msg_rate_redeliver.or(from.msg_rate_redeliver);
        into.msg_out_counter = into.msg_out_counter.or(from.msg_out_counter);
        into.last_consumed_timestamp = into.last_consumed_timestamp.or(from.last_consumed_timestamp);
        into.last_acked_timestamp = into.last_acked_timestamp.or(from.last_acked_timestamp);
        into.consumers_count = into.consumers_count.or(from.consumers_count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulsar::recorded::{VERSIONS, recorded};

    fn payments() -> TopicName {
        TopicName::parse("persistent://shop/orders/payments").unwrap()
    }

    #[test]
    fn recorded_metrics_tell_what_broker_stats_leave_out() {
        for version in VERSIONS {
            let scraped = scrape(&recorded(version, "metrics.txt"), |namespace| {
                namespace == "shop/orders"
            });
            assert_eq!(scraped.cluster.as_deref(), Some("standalone"), "{version}");
            assert!(scraped.topics.keys().all(|name| name.namespace == "shop/orders"));
            let topic = &scraped.topics[&payments()];
            assert_eq!(topic.msg_in_count, Some(45.0));
            assert_eq!(topic.backlog_quota_limit_size, Some(104_857_600.0));
            assert_eq!(topic.backlog_quota_limit_time, None, "-1 is no limit");
            let capture = &topic.subscriptions["capture"];
            assert_eq!(
                (capture.msg_backlog, capture.unacked_messages, capture.msg_delayed),
                (Some(35.0), Some(20.0), Some(0.0)),
                "{version}"
            );
            assert_eq!(
                (capture.msg_out_counter, capture.consumers_count),
                (Some(30.0), Some(1.0))
            );
            assert!(capture.last_acked_timestamp.is_some());
            assert_eq!(topic.subscriptions["nobody"].last_acked_timestamp, None, "0 is never");
        }
    }

    #[test]
    fn a_broker_that_hides_topics_says_nothing_about_them() {
        let scraped = scrape(
            "pulsar_rate_in{cluster=\"c\",namespace=\"a/b\"} 1\npulsar_active_connections{cluster=\"c\"} 3\n",
            |_| true,
        );
        assert!(!scraped.has_topics());
        assert_eq!(
            (scraped.cluster.as_deref(), scraped.connections),
            (Some("c"), Some(3.0))
        );
    }
}
