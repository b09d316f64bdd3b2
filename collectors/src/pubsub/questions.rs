//! The figures that Cloud Monitoring is asked for: which metric means what, how often, and how late it is.
//!
//! One metric type a request, all subscriptions (or topics) of a project in its answer: the number of requests
//! depends on this table and not on the size of the project. Delays are those of Google's list of metrics.

use std::time::Duration;

use brokerscope_contract::{EntityKind, MetricId, metrics};

/// How much is asked for; each step includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    Basic,
    Standard,
    Full,
}

impl Detail {
    pub const ALL: [Detail; 3] = [Detail::Basic, Detail::Standard, Detail::Full];

    pub fn slug(self) -> &'static str {
        match self {
            Detail::Basic => "basic",
            Detail::Standard => "standard",
            Detail::Full => "full",
        }
    }

    /// The questions of this step.
    pub fn questions(self) -> impl Iterator<Item = &'static Question> {
        QUESTIONS.iter().filter(move |question| question.detail <= self)
    }

    /// Requests to Cloud Monitoring a day and project, as long as each answer fits one page.
    pub fn requests_per_day(self, interval: Duration) -> u64 {
        self.questions()
            .map(|question| 86_400 / question.cadence(interval).as_secs().max(1))
            .sum()
    }
}

/// What the points of a metric say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A level; several series of one entity add up.
    Level(MetricId),
    /// Events since the point before; several series of one entity add up.
    Count(MetricId),
    /// Open streaming pulls by status.
    Streams,
    /// Push requests by how they ended.
    Push,
    /// Publish requests by how they ended.
    Publish,
    /// A distribution with one entry for each published message.
    Sizes,
    /// Criteria of low latency, each true or false.
    Health,
    /// A distribution of microseconds.
    PushLatency,
}

/// A row of the table.
#[derive(Debug)]
pub struct Question {
    /// After `pubsub.googleapis.com/`.
    pub name: &'static str,
    pub meaning: Meaning,
    detail: Detail,
    every: Duration,
    /// How long a point stays hidden after it was measured.
    pub hidden: Duration,
    /// What is missing when there is no answer.
    pub metrics: &'static [MetricId],
}

impl Question {
    pub fn of(&self) -> EntityKind {
        match self.name.starts_with("topic/") {
            true => EntityKind::Topic,
            false => EntityKind::Subscription,
        }
    }

    /// The value of the filter's `metric.type`.
    pub fn metric_type(&self) -> String {
        format!("pubsub.googleapis.com/{}", self.name)
    }

    /// Time between two requests when visits come every `interval`.
    pub fn cadence(&self, interval: Duration) -> Duration {
        self.every.max(interval)
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

macro_rules! questions {
    ($($name:literal, $meaning:expr, $detail:ident, $every:ident, $hidden:literal, [$($metric:ident),+];)*) => {
        /// Every question, in the order in which they are asked: what the pages show first comes first.
        pub const QUESTIONS: &[Question] = &[$(Question {
            name: $name,
            meaning: $meaning,
            detail: Detail::$detail,
            every: $every,
            hidden: Duration::from_secs($hidden),
            metrics: &[$(metrics::$metric),+],
        },)*];
    };
}

use Meaning::{Count, Health, Level, Publish, Push, PushLatency, Sizes, Streams};

// Of metrics of topics no delay is documented; the longest of the counters is taken.
questions! {
    "subscription/num_undelivered_messages", Level(metrics::DEPTH), Basic, MINUTE, 120, [DEPTH];
    "subscription/oldest_unacked_message_age", Level(metrics::OLDEST_AGE), Basic, MINUTE, 120, [OLDEST_AGE];
    "subscription/dead_letter_message_count", Count(metrics::DEAD_LETTERED), Basic, MINUTE, 240, [DEAD_LETTERED];
    "subscription/ack_message_count", Count(metrics::ACKNOWLEDGED), Standard, MINUTE, 240, [ACKNOWLEDGED];
    "subscription/open_streaming_pulls", Streams, Standard, MINUTE, 120, [PUBSUB_OPEN_STREAMS, PUBSUB_SUSPENDED_STREAMS, CONSUMERS];
    "subscription/pull_request_count", Count(metrics::PUBSUB_PULL_REQUESTS), Standard, MINUTE, 120, [PUBSUB_PULL_REQUESTS, CONSUMERS];
    "subscription/push_request_count", Push, Standard, MINUTE, 120, [PUBSUB_PUSH_REQUESTS, PUBSUB_PUSH_ERRORS];
    "subscription/sent_message_count", Count(metrics::DELIVERED), Standard, MINUTE, 181, [DELIVERED];
    "subscription/expired_ack_deadlines_count", Count(metrics::PUBSUB_EXPIRED), Standard, MINUTE, 240, [PUBSUB_EXPIRED];
    "subscription/num_outstanding_messages", Level(metrics::IN_FLIGHT), Standard, MINUTE, 240, [IN_FLIGHT];
    "topic/message_sizes", Sizes, Standard, MINUTE, 240, [PUBLISHED, PUBSUB_PUBLISHED_BYTES];
    "topic/send_request_count", Publish, Standard, MINUTE, 240, [PUBSUB_PUBLISH_REQUESTS, PUBSUB_PUBLISH_ERRORS];
    "subscription/delivery_latency_health_score", Health, Full, FIVE_MINUTES, 360, [PUBSUB_HEALTH_SCORE];
    "subscription/nack_requests", Level(metrics::PUBSUB_NACKS), Full, FIVE_MINUTES, 360, [PUBSUB_NACKS];
    "subscription/mod_ack_deadline_message_count", Count(metrics::PUBSUB_DEADLINE_CHANGES), Full, FIVE_MINUTES, 240, [PUBSUB_DEADLINE_CHANGES];
    "subscription/exactly_once_warning_count", Count(metrics::PUBSUB_EXACTLY_ONCE_WARNINGS), Full, FIVE_MINUTES, 240, [PUBSUB_EXACTLY_ONCE_WARNINGS];
    "subscription/push_request_latencies", PushLatency, Full, FIVE_MINUTES, 240, [PUBSUB_PUSH_SECONDS];
}

/// The question that tells the depth, by which others are judged.
pub const DEPTH_QUESTION: &str = "subscription/num_undelivered_messages";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_day_costs_follows_from_the_table() {
        let per_day = |detail: Detail| detail.requests_per_day(MINUTE);
        assert_eq!(Detail::ALL.map(per_day), [4_320, 17_280, 18_720]);
        assert_eq!(Detail::Basic.requests_per_day(FIVE_MINUTES), 864);
    }

    #[test]
    fn each_metric_is_asked_for_once_and_never_faster_than_it_is_sampled() {
        let mut names: Vec<_> = QUESTIONS.iter().map(|question| question.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), QUESTIONS.len());
        assert!(QUESTIONS.iter().all(|question| question.every >= MINUTE));
        assert!(QUESTIONS.iter().any(|question| question.name == DEPTH_QUESTION));
    }
}
