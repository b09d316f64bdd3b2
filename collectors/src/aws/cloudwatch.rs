//! Which figures CloudWatch is asked for, over which time, and what its answers become. Pure.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, EntityKind, History, MetricId, Timestamp, metrics};

use super::config::{CloudWatch, Config};
use super::running::Running;
use super::wire::Points;

/// One figure of CloudWatch and the metric it becomes.
#[derive(Debug, PartialEq)]
pub struct Figure {
    /// CloudWatch's name.
    pub name: &'static str,
    pub metric: MetricId,
    /// A sum per period becomes a counter; anything else is the greatest value of the period.
    pub is_sum: bool,
    of_topic: bool,
    only: Only,
}

/// When a figure is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
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

const FIGURES: &[Figure] = &[
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

/// A queue or topic of which figures may be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub entity: EntityKey,
    pub waits: bool,
    pub fifo: bool,
    /// Nothing is older.
    pub created: Option<Timestamp>,
}

/// One figure of one queue or topic over `from..until`.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub entity: EntityKey,
    pub figure: &'static Figure,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What was read of each figure so far.
#[derive(Debug, Default)]
pub struct Ledger {
    series: HashMap<(EntityKey, MetricId), Series>,
    /// What an earlier process has stored already.
    known_until: Option<Timestamp>,
    /// The time of the newest point, of all figures.
    pub newest: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Series {
    asked_until: Option<Timestamp>,
    running: Running,
}

/// CloudWatch takes about two minutes until most points are there.
const LATENESS_MILLIS: i64 = 120_000;
/// So many periods are read again, because the last ones are still corrected.
const AGAIN: i64 = 3;
/// Ages are asked for over no more periods than these after a queue was empty for a while.
const LONGEST_AGE_GAP: i64 = 12;
/// Limits of one question: figures, and points of all of them together.
const MOST_FIGURES: usize = 500;
const MOST_POINTS: i64 = 100_800;

impl Ledger {
    pub fn resume(&mut self, known_until: Timestamp) {
        self.known_until = Some(known_until);
    }

    /// What is due, in batches that one question may hold: all of a batch over the same stretch of time.
    pub fn due(&self, subjects: &[Subject], config: &Config, at: Timestamp) -> Vec<Vec<Query>> {
        let period = period_millis(config);
        let until = Timestamp((at.0 - LATENESS_MILLIS).div_euclid(period) * period);
        let mut windows: HashMap<i64, Vec<Query>> = HashMap::new();
        for subject in subjects {
            for figure in FIGURES.iter().filter(|figure| figure.fits(subject, config)) {
                let series = self.series.get(&(subject.entity.clone(), figure.metric));
                let asked = series.and_then(|series| series.asked_until);
                let is_due = match figure.only {
                    Only::Past => asked.is_none() && config.backfill_days > 0,
                    // An age is worth asking for the first time even if nothing waits now: for its past.
                    Only::Waiting if !subject.waits => asked.is_none() && config.backfill_days > 0,
                    _ => asked.is_none_or(|asked| asked < until),
                };
                if !is_due {
                    continue;
                }
                let from = self.from(asked, subject, config, until);
                // A queue that was empty for long had no age in between.
                let from = match (figure.only, asked) {
                    (Only::Waiting, Some(_)) => from.max(until.plus_millis(-LONGEST_AGE_GAP * period)),
                    _ => from,
                };
                windows.entry(from.0).or_default().push(Query {
                    entity: subject.entity.clone(),
                    figure,
                    from,
                    until,
                });
            }
        }
        let mut windows: Vec<_> = windows.into_iter().filter(|(from, _)| *from < until.0).collect();
        // Short stretches first: the present matters more than the past.
        windows.sort_unstable_by_key(|(from, _)| std::cmp::Reverse(*from));
        let batches = windows.into_iter().flat_map(|(from, queries)| {
            let points = ((until.0 - from) / period).max(1);
            let fit = usize::try_from(MOST_POINTS / points)
                .unwrap_or(1)
                .clamp(1, MOST_FIGURES);
            queries.chunks(fit).map(<[Query]>::to_vec).collect::<Vec<_>>()
        });
        batches.collect()
    }

    fn from(&self, asked: Option<Timestamp>, subject: &Subject, config: &Config, until: Timestamp) -> Timestamp {
        let period = period_millis(config);
        let back = |from: Timestamp| from.plus_millis(-AGAIN * period);
        let oldest = until.plus_millis(-i64::try_from(config.backfill_days).unwrap_or(0) * 86_400_000);
        let wanted = match (asked, self.known_until) {
            (Some(asked), _) => back(asked),
            (None, Some(known)) => back(Timestamp(known.0.div_euclid(period) * period)).max(oldest),
            (None, None) => oldest,
        };
        let created = subject
            .created
            .map_or(Timestamp(0), |at| Timestamp(at.0.div_euclid(period) * period));
        wanted.max(created).min(back(until)).max(oldest.min(back(until)))
    }

    /// Takes in the answer to one batch.
    pub fn answered(&mut self, queries: &[Query], answers: &[Points], config: &Config) -> Vec<History> {
        let period = period_millis(config);
        let mut told = Vec::new();
        let by_id: HashMap<&str, &Points> = answers.iter().map(|points| (points.id.as_str(), points)).collect();
        for (n, query) in queries.iter().enumerate() {
            let key = (query.entity.clone(), query.figure.metric);
            let series = self.series.entry(key).or_default();
            series.asked_until = Some(query.until);
            let points = by_id
                .get(format!("m{n}").as_str())
                .map_or(&[][..], |points| &points.points);
            // CloudWatch names the beginning of a period; what it says is known at its end.
            let ends: Vec<(Timestamp, f64)> = points
                .iter()
                .map(|(at, value)| (Timestamp(at * 1_000 + period), *value))
                .filter(|(end, value)| *end <= query.until && value.is_finite())
                .collect();
            self.newest = self.newest.max(ends.last().map(|(end, _)| *end));
            let points = match query.figure.is_sum {
                true => series.running.read(query.from, &ends, period),
                false => ends,
            };
            if !points.is_empty() {
                told.push(History {
                    entity: query.entity.clone(),
                    metric: query.figure.metric,
                    points,
                });
            }
        }
        told
    }

    /// Forgets queues and topics that are gone.
    pub fn keep(&mut self, exists: impl Fn(&EntityKey) -> bool) {
        self.series.retain(|(entity, _), _| exists(entity));
    }
}

impl Figure {
    fn fits(&self, subject: &Subject, config: &Config) -> bool {
        let all = config.cloudwatch == CloudWatch::All;
        let wanted = match self.only {
            Only::Waiting | Only::Past => config.cloudwatch != CloudWatch::Off,
            Only::All => all,
            Only::Fifo => all && subject.fifo,
        };
        wanted && self.of_topic == (subject.entity.kind == EntityKind::Topic)
    }
}

fn period_millis(config: &Config) -> i64 {
    i64::try_from(config.cloudwatch_seconds).unwrap_or(300) * 1_000
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

#[cfg(test)]
#[path = "cloudwatch_tests.rs"]
mod tests;
