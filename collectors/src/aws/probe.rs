//! The "test connection" button: the login of every account and region, each permission by itself, and the bill.

use std::time::Instant;

use brokerscope_contract::{EntityKey, EntityKind, ProbeStep, StepOutcome, Timestamp};
use brokerscope_figures::format::{count, duration};

use super::client::Client;
use super::cloudwatch::{Ledger, Subject};
use super::collector::AwsCollector;
use super::config::{CloudWatch, Config};
use super::cost::{Size, monthly};
use super::details::FIGURES;
use super::failure::Failure;
use super::wire::of_url;
use crate::collector::ProbeReport;

pub async fn run(collector: &mut AwsCollector, report: &ProbeReport) {
    let config = collector.config.clone();
    let mut size = Size::default();
    let mut answered = false;
    for place in collector.connect().await {
        let steps = Steps {
            report,
            client: &place.client,
        };
        if let Some(found) = permissions(&place.client, &config, &steps).await {
            answered = true;
            size += found;
        }
    }
    let step = if answered {
        cost(&config, size)
    } else {
        let why = "not known, because no account answers";
        told(
            "What it will cost",
            StepOutcome::Skipped,
            why.into(),
            None,
            Instant::now(),
        )
    };
    report.step(step);
}

fn cost(config: &Config, size: Size) -> ProbeStep {
    let said = monthly(config, size).sentence(config, size);
    let detail = format!(
        "{} queues and {} topics. {said}",
        count(size.queues as f64),
        count(size.topics as f64)
    );
    let (outcome, remedy) = match size.queues {
        0 => (
            StepOutcome::Limited,
            Some("There is no queue: check that these are the right regions and accounts.".to_owned()),
        ),
        _ => (StepOutcome::Passed, None),
    };
    told("What it will cost", outcome, detail, remedy, Instant::now())
}

/// Reports steps of one account in one region.
struct Steps<'a> {
    report: &'a ProbeReport,
    client: &'a Client,
}

impl Steps<'_> {
    fn tell(&self, title: &str, outcome: StepOutcome, detail: String, remedy: Option<String>, since: Instant) {
        let whose = match &self.client.role {
            Some(role) => format!("{title} with {role} in {}", self.client.region),
            None => format!("{title} in {}", self.client.region),
        };
        self.report.step(told(&whose, outcome, detail, remedy, since));
    }

    /// One permission: refused is something missing, anything else that fails as well, but only a place that does not
    /// answer at all is a failure.
    fn permission<T>(&self, action: &str, lacks: &str, answer: Result<T, Failure>, since: Instant) -> Option<T> {
        match answer {
            Ok(value) => {
                self.tell(action, StepOutcome::Passed, "permitted".into(), None, since);
                Some(value)
            }
            Err(Failure::Gone) => None,
            Err(failure) => {
                let outcome = match failure.is_about_the_place() {
                    true => StepOutcome::Failed,
                    false => StepOutcome::Limited,
                };
                self.tell(
                    action,
                    outcome,
                    format!("{failure} {lacks}"),
                    Some(failure.remedy()),
                    since,
                );
                None
            }
        }
    }
}

fn told(title: &str, outcome: StepOutcome, detail: String, remedy: Option<String>, since: Instant) -> ProbeStep {
    ProbeStep {
        title: title.into(),
        outcome,
        detail,
        remedy,
        millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Each permission of one place by itself; `None` when the place does not answer.
async fn permissions(client: &Client, config: &Config, steps: &Steps<'_>) -> Option<Size> {
    let since = Instant::now();
    match client.account().await {
        Ok(account) => {
            let detail = format!("account {} by {}", account.unwrap_or_default(), config.login.label());
            steps.tell("Login", StepOutcome::Passed, detail, None, since);
        }
        Err(failure) if failure.is_about_the_place() => {
            steps.tell(
                "Login",
                StepOutcome::Failed,
                failure.to_string(),
                Some(failure.remedy()),
                since,
            );
            return None;
        }
        Err(_) => {
            let detail = "the account's number is not told; the queues tell it".to_owned();
            steps.tell("Login", StepOutcome::Passed, detail, None, since);
        }
    }
    let since = Instant::now();
    let urls = if config.queue_urls.is_empty() {
        let answer = client.queues(config.queue_prefix.as_deref()).await;
        if let Err(failure) = &answer
            && failure.is_about_the_place()
        {
            steps.tell(
                "sqs:ListQueues",
                StepOutcome::Failed,
                failure.to_string(),
                Some(failure.remedy()),
                since,
            );
            return None;
        }
        let lacks = "No queue is found without it; name the queues under More settings instead.";
        steps
            .permission("sqs:ListQueues", lacks, answer, since)
            .unwrap_or_default()
            .items
    } else {
        let here = config.queues_of(client.role.as_deref(), &client.region);
        here.map(str::to_owned).collect()
    };
    if let Some(url) = urls.first() {
        queue(client, url, config, steps).await;
    }
    let (topics, subscriptions) = match config.sns {
        true => sns(client, steps).await,
        false => (0, 0),
    };
    // Before the first visit it is not known where something waits: the dearest case.
    Some(Size {
        topics,
        subscriptions,
        ..Size::of_queues(urls.iter())
    })
}

async fn queue(client: &Client, url: &str, config: &Config, steps: &Steps<'_>) {
    let since = Instant::now();
    let answer = client.queue(url).await;
    let known = steps.permission(
        "sqs:GetQueueAttributes",
        "There are no figures without it.",
        answer,
        since,
    );
    let arn = known.as_ref().and_then(|queue| queue.text("QueueArn"));
    if let Some(arn) = arn {
        let since = Instant::now();
        let answer = client.moves(arn).await;
        steps.permission(
            "sqs:ListMessageMoveTasks",
            "Redrives are not seen without it.",
            answer,
            since,
        );
    }
    let since = Instant::now();
    let answer = client.sources(url).await;
    let lacks = "What feeds a dead-letter queue is only partly known without it.";
    steps.permission("sqs:ListDeadLetterSourceQueues", lacks, answer, since);
    if config.cloudwatch == CloudWatch::Off {
        return;
    }
    let since = Instant::now();
    let Some((account, name)) = of_url(url) else { return };
    let subject = Subject {
        entity: EntityKey::new(EntityKind::Queue, [account, &client.region, name]),
        waits: true,
        fifo: false,
        created: None,
    };
    let once = Config {
        cloudwatch: CloudWatch::Ages,
        backfill_days: 0,
        ..config.clone()
    };
    let at = steps.report.at();
    let batch = Ledger::default()
        .due(&[subject], &once, at)
        .into_iter()
        .next()
        .unwrap_or_default();
    let Some(first) = batch.first() else { return };
    let window = (first.from.0 / 1_000, first.until.0 / 1_000);
    let period = i32::try_from(config.cloudwatch_seconds).unwrap_or(300);
    match client.figures(&batch, window, period).await {
        Ok(points) => {
            let newest = points
                .iter()
                .filter_map(|told| told.points.last())
                .map(|(at, _)| *at)
                .max();
            let detail = match newest {
                // A point is of the period that begins with it.
                Some(begins) => {
                    let end = Timestamp(begins * 1_000 + i64::from(period) * 1_000);
                    format!(
                        "permitted; the newest point is {} old",
                        duration(at.seconds_since(end).max(0.0))
                    )
                }
                None => "permitted; there is no point of this queue, as of those that nobody used for six hours".into(),
            };
            steps.tell(FIGURES, StepOutcome::Passed, detail, None, since);
        }
        refused => drop(steps.permission(FIGURES, "Ages and counters are missing without it.", refused, since)),
    }
}

async fn sns(client: &Client, steps: &Steps<'_>) -> (usize, usize) {
    let since = Instant::now();
    let topics = steps.permission(
        "sns:ListTopics",
        "Topics are not seen without it.",
        client.topics().await,
        since,
    );
    let topics = topics.unwrap_or_default().items;
    if let Some(arn) = topics.first() {
        let since = Instant::now();
        let lacks = "Settings of topics are not known without it.";
        steps.permission("sns:GetTopicAttributes", lacks, client.topic(arn).await, since);
    }
    let since = Instant::now();
    let lacks = "Subscriptions are not seen without it.";
    let found = steps.permission("sns:ListSubscriptions", lacks, client.subscriptions().await, since);
    let subscriptions = found.unwrap_or_default().items;
    let first = subscriptions.iter().find(|subscription| !subscription.is_pending());
    if let Some(subscription) = first {
        let since = Instant::now();
        let lacks = "Filter policies and dead-letter queues of subscriptions are not known without it.";
        let answer = client.subscription(&subscription.arn).await;
        steps.permission("sns:GetSubscriptionAttributes", lacks, answer, since);
    }
    (topics.len(), subscriptions.len())
}
