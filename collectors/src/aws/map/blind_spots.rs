//! What is not known and why: one warning for each.

use brokerscope_contract::{Absence, MetricId, Warning, metrics};
use brokerscope_figures::format::count;

use super::Seen;
use crate::aws::ask::QUEUE;
use crate::aws::config::{CloudWatch, Config};
use crate::aws::failure::Failure;
use crate::aws::figures::metrics_without;
use crate::aws::pace::DETAILS;

/// What each question is good for, and the metrics that are missing without it.
const QUESTIONS: &[(&str, &str, &[MetricId])] = &[
    ("sqs:ListQueues", "New queues are not found", &[]),
    (
        QUEUE,
        "Some queues have no figures",
        &[metrics::DEPTH, metrics::IN_FLIGHT, metrics::SQS_DELAYED],
    ),
    (
        "sqs:ListDeadLetterSourceQueues",
        "What feeds a dead-letter queue is only partly known",
        &[],
    ),
    (
        "sqs:ListMessageMoveTasks",
        "Redrives are not seen",
        &[metrics::SQS_MOVED, metrics::SQS_TO_MOVE],
    ),
    ("sns:ListTopics", "Topics are not seen", &[]),
    ("sns:ListSubscriptions", "Subscriptions are not seen", &[]),
    ("sns:GetTopicAttributes", "Settings of topics are not known", &[]),
    (
        "sns:GetSubscriptionAttributes",
        "Filter policies, raw delivery and dead-letter queues of subscriptions are not known",
        &[],
    ),
    ("cloudwatch:GetMetricData", "CloudWatch's figures are missing", &[]),
];

pub fn warnings(seen: &Seen<'_>) -> Vec<Warning> {
    let memory = seen.memory;
    let place = memory.place().join(" ");
    let mut warnings = Vec::new();
    let mut warn = |reason: Absence, metrics: Vec<MetricId>, text: String, remedy: Option<String>| {
        warnings.push(Warning {
            reason,
            metrics,
            // Of this account in this region; the other ones have their figures.
            entity: Some(memory.key()),
            text,
            remedy,
        });
    };
    if let Err(failure) = &seen.outcome {
        let text = format!("Nothing of {place} is known: {failure}");
        warn(failure.absence(), Vec::new(), text, Some(failure.remedy()));
        return warnings;
    }
    for (action, lacks, missing) in QUESTIONS {
        let Some(trouble) = memory.troubles.get(action) else {
            continue;
        };
        let missing = match *action {
            "cloudwatch:GetMetricData" => metrics_without(CloudWatch::Off),
            _ => missing.to_vec(),
        };
        let failure = trouble.failure;
        let text = match trouble.of {
            Some(some) => format!("{lacks} in {place}, {} of them: {failure}", count(some as f64)),
            None => format!("{lacks} in {place}: {failure}"),
        };
        warn(failure.absence(), missing, text, Some(failure.remedy()));
    }
    if let (all, unread @ 1..) = memory.details {
        let text = format!(
            "{} of {} details of redrives, topics and subscriptions in {place} were read so far; {DETAILS} more are on each \
             visit.",
            count((all - unread) as f64),
            count(all as f64)
        );
        warn(Absence::Stale, Vec::new(), text, None);
    }
    if memory.figures_left > 0 {
        let text = format!(
            "{} figures of CloudWatch in {place} wait for the next visit.",
            count(memory.figures_left as f64)
        );
        let remedy = "The past of a new connection takes some visits. If it lasts, a longer CloudWatch interval gives all \
                      figures their turn.";
        warn(Absence::Stale, Vec::new(), text, Some(remedy.into()));
    }
    if memory.pace.is_held_back() || memory.postponed > 0 {
        let text = format!(
            "{} of {} queues in {place} were asked on this visit; the others follow in turn.",
            count(memory.fresh.len() as f64),
            count(memory.urls.len() as f64)
        );
        let throttled = matches!(
            memory.troubles.get(QUEUE).map(|trouble| trouble.failure),
            Some(Failure::Throttled(_))
        );
        let remedy = match throttled {
            true => "Amazon slows requests down. A longer interval, or fewer other users of the API, avoids it.",
            false => "A longer interval lets every visit ask all of them.",
        };
        warn(Absence::Stale, Vec::new(), text, Some(remedy.into()));
    }
    warnings
}

/// What is not asked for, in no account and region.
pub fn not_asked(config: &Config) -> Option<Warning> {
    let metrics = metrics_without(config.cloudwatch);
    let text = match config.cloudwatch {
        CloudWatch::Off => "CloudWatch is not asked: ages, counters and SNS figures are not collected.",
        _ => "CloudWatch is asked for ages only: counters and SNS figures are not collected.",
    };
    let remedy = "Choose more under CloudWatch in the connection's settings; the help says what it costs.";
    (!metrics.is_empty()).then(|| Warning {
        reason: Absence::Disabled,
        metrics,
        entity: None,
        text: text.into(),
        remedy: Some(remedy.into()),
    })
}
