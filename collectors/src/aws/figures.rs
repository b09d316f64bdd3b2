//! The figures of CloudWatch that are asked for: which metric each becomes, and when it is wanted. A table.

use brokerscope_contract::{EntityKind, MetricId, metrics};

use super::cloudwatch::Subject;
use super::config::{CloudWatch, Config};

/// One figure of CloudWatch and the metric it becomes.
#[derive(Debug, PartialEq)]
pub struct Figure {
    /// CloudWatch's name.
    pub name: &'static str,
    pub metric: MetricId,
    /// A sum per period becomes a counter; anything else is the greatest value of the period.
    pub is_sum: bool,
    of_topic: bool,
    pub only: Only,
}

/// When a figure is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// When CloudWatch is asked at all, and something waits.
    Waiting,
    /// With all counters.
    All,
    /// With all counters, of a FIFO queue.
    Fifo,
    /// For the past only: SQS itself tells the present.
    Past,
}

impl Figure {
    pub fn namespace(&self) -> &'static str {
        if self.of_topic { "AWS/SNS" } else { "AWS/SQS" }
    }

    pub fn dimension(&self) -> &'static str {
        if self.of_topic { "TopicName" } else { "QueueName" }
    }

    pub fn statistic(&self) -> &'static str {
        if self.is_sum { "Sum" } else { "Maximum" }
    }
}

const fn queue(name: &'static str, metric: MetricId, is_sum: bool, only: Only) -> Figure {
    Figure {
        name,
        metric,
        is_sum,
        of_topic: false,
        only,
    }
}

const fn topic(name: &'static str, metric: MetricId) -> Figure {
    Figure {
        name,
        metric,
        is_sum: true,
        of_topic: true,
        only: Only::All,
    }
}

pub const FIGURES: &[Figure] = &[
    queue(
        "ApproximateAgeOfOldestMessage",
        metrics::OLDEST_AGE,
        false,
        Only::Waiting,
    ),
    queue("NumberOfMessagesSent", metrics::PUBLISHED, true, Only::All),
    queue("NumberOfMessagesReceived", metrics::DELIVERED, true, Only::All),
    queue("NumberOfMessagesDeleted", metrics::ACKNOWLEDGED, true, Only::All),
    queue("NumberOfEmptyReceives", metrics::SQS_EMPTY_RECEIVES, true, Only::All),
    queue(
        "ApproximateNumberOfGroupsWithInflightMessages",
        metrics::SQS_GROUPS_IN_FLIGHT,
        false,
        Only::Fifo,
    ),
    queue("ApproximateNumberOfMessagesVisible", metrics::DEPTH, false, Only::Past),
    topic("NumberOfMessagesPublished", metrics::PUBLISHED),
    topic("NumberOfNotificationsDelivered", metrics::DELIVERED),
    topic("NumberOfNotificationsFailed", metrics::SNS_FAILED),
    topic("NumberOfNotificationsFilteredOut", metrics::SNS_FILTERED),
    topic("NumberOfNotificationsRedrivenToDlq", metrics::DEAD_LETTERED),
    topic("NumberOfNotificationsFailedToRedriveToDlq", metrics::SNS_LOST),
];

impl Figure {
    pub fn fits(&self, subject: &Subject, config: &Config) -> bool {
        let all = config.cloudwatch == CloudWatch::All;
        let wanted = match self.only {
            Only::Waiting | Only::Past => config.cloudwatch != CloudWatch::Off,
            Only::All => all,
            Only::Fifo => all && subject.fifo,
        };
        wanted && self.of_topic == (subject.entity.kind == EntityKind::Topic)
    }
}

/// The metrics that are missing when CloudWatch is not asked for them.
pub fn metrics_without(cloudwatch: CloudWatch) -> Vec<MetricId> {
    let missing = FIGURES.iter().filter(|figure| match figure.only {
        Only::Waiting => cloudwatch == CloudWatch::Off,
        Only::All | Only::Fifo => cloudwatch != CloudWatch::All,
        Only::Past => false,
    });
    let mut metrics: Vec<MetricId> = missing.map(|figure| figure.metric).collect();
    // Who reads follows from what was received.
    if cloudwatch != CloudWatch::All {
        metrics.push(metrics::CONSUMERS);
    }
    metrics.sort_unstable();
    metrics.dedup();
    metrics
}
