//! Asks one account in one region, and returns what was answered in shapes of our own. Decides nothing.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types as cw;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::QueueAttributeName;
use tokio::sync::Semaphore;

use super::cloudwatch::Query;
use super::failure::Failure;
use super::pages::{Listed, Pages};
use super::refusal::Question;
use super::wire::{Attributes, MoveTask, Points, Queue, Subscription};
use crate::budget::Budget;

/// The largest page that `ListQueues` gives.
const PAGE: i32 = 1_000;

pub struct Client {
    /// `None` is the account of the credentials themselves.
    pub role: Option<String>,
    pub region: String,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    sts: aws_sdk_sts::Client,
    requests: AtomicU32,
    /// Requests under way at the same time, over all accounts and regions of the connection.
    turns: Arc<Semaphore>,
    budget: Option<Budget>,
}

impl Client {
    pub fn new(role: Option<String>, region: String, config: &SdkConfig, turns: Arc<Semaphore>) -> Client {
        Client {
            role,
            region,
            sqs: aws_sdk_sqs::Client::new(config),
            sns: aws_sdk_sns::Client::new(config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
            requests: AtomicU32::new(0),
            turns,
            budget: None,
        }
    }

    /// Requests since this was last asked.
    pub fn take_requests(&self) -> u32 {
        self.requests.swap(0, Ordering::Relaxed)
    }

    /// Everything that follows belongs to one visit; without a budget it may take its time.
    pub fn begin(&mut self, budget: Option<Budget>) {
        self.budget = budget;
    }

    async fn ask<O, E>(
        &self,
        action: &str,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Failure>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let question = Question {
            action,
            region: &self.region,
        };
        let asked = async {
            // Fails only once it is closed, which nobody does.
            let _turn = self.turns.acquire().await;
            self.requests.fetch_add(1, Ordering::Relaxed);
            request.await.map_err(|error| Failure::of(question, &error))
        };
        match self.budget {
            Some(budget) => budget.spend_or(asked, || Failure::late(question)).await,
            None => asked.await,
        }
    }

    /// The number of the account.
    pub async fn account(&self) -> Result<Option<String>, Failure> {
        let request = self.sts.get_caller_identity().send();
        let answer = self.ask("sts:GetCallerIdentity", request).await?;
        Ok(answer.account().map(str::to_owned))
    }

    /// Addresses of queues. A list that changes while it is read may name one twice.
    pub async fn queues(&self, prefix: Option<&str>) -> Result<Listed<String>, Failure> {
        let (mut listed, mut pages) = (Listed::default(), Pages::of("sqs:ListQueues"));
        loop {
            let request = self
                .sqs
                .list_queues()
                .max_results(PAGE)
                .set_queue_name_prefix(prefix.map(str::to_owned))
                .set_next_token(pages.token.clone());
            let answer = self.ask("sqs:ListQueues", request.send()).await?;
            listed.items.extend(answer.queue_urls().iter().cloned());
            if !pages.lead_on(answer.next_token())? {
                listed.pages = pages.read;
                return Ok(listed);
            }
        }
    }

    pub async fn queue(&self, url: &str) -> Result<Queue, Failure> {
        let request = self
            .sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::All);
        let answer = self.ask("sqs:GetQueueAttributes", request.send()).await?;
        let attributes = answer.attributes().into_iter().flatten();
        Ok(Queue {
            url: url.to_owned(),
            attributes: attributes
                .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
                .collect(),
        })
    }

    /// Addresses of the queues whose dead letters go to this one.
    pub async fn sources(&self, url: &str) -> Result<Vec<String>, Failure> {
        let (mut urls, mut pages) = (Vec::new(), Pages::of("sqs:ListDeadLetterSourceQueues"));
        loop {
            let request = self
                .sqs
                .list_dead_letter_source_queues()
                .queue_url(url)
                .max_results(PAGE)
                .set_next_token(pages.token.clone());
            let answer = self.ask("sqs:ListDeadLetterSourceQueues", request.send()).await?;
            urls.extend(answer.queue_urls().iter().cloned());
            if !pages.lead_on(answer.next_token())? {
                return Ok(urls);
            }
        }
    }

    /// The last ten tasks that moved messages out of this queue, the newest first.
    pub async fn moves(&self, arn: &str) -> Result<Vec<MoveTask>, Failure> {
        let request = self.sqs.list_message_move_tasks().source_arn(arn).max_results(10);
        let answer = self.ask("sqs:ListMessageMoveTasks", request.send()).await?;
        let tasks = answer.results().iter().map(|task| MoveTask {
            status: task.status().unwrap_or_default().to_owned(),
            destination: task.destination_arn().map(str::to_owned),
            moved: task.approximate_number_of_messages_moved(),
            to_move: task.approximate_number_of_messages_to_move(),
            failure: task.failure_reason().map(str::to_owned),
            started: task.started_timestamp(),
        });
        Ok(tasks.collect())
    }

    /// ARNs of topics.
    pub async fn topics(&self) -> Result<Listed<String>, Failure> {
        let (mut listed, mut pages) = (Listed::default(), Pages::of("sns:ListTopics"));
        loop {
            let request = self.sns.list_topics().set_next_token(pages.token.clone());
            let answer = self.ask("sns:ListTopics", request.send()).await?;
            listed.items.extend(
                answer
                    .topics()
                    .iter()
                    .filter_map(|topic| Some(topic.topic_arn()?.to_owned())),
            );
            if !pages.lead_on(answer.next_token())? {
                listed.pages = pages.read;
                return Ok(listed);
            }
        }
    }

    pub async fn topic(&self, arn: &str) -> Result<Attributes, Failure> {
        let request = self.sns.get_topic_attributes().topic_arn(arn).send();
        let answer = self.ask("sns:GetTopicAttributes", request).await?;
        Ok(sorted(answer.attributes().into_iter().flatten()))
    }

    pub async fn subscriptions(&self) -> Result<Listed<Subscription>, Failure> {
        let (mut listed, mut pages) = (Listed::default(), Pages::of("sns:ListSubscriptions"));
        loop {
            let request = self.sns.list_subscriptions().set_next_token(pages.token.clone());
            let answer = self.ask("sns:ListSubscriptions", request.send()).await?;
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            listed
                .items
                .extend(answer.subscriptions().iter().map(|subscription| Subscription {
                    arn: text(subscription.subscription_arn()),
                    topic: text(subscription.topic_arn()),
                    protocol: text(subscription.protocol()),
                    endpoint: text(subscription.endpoint()),
                    owner: text(subscription.owner()),
                }));
            if !pages.lead_on(answer.next_token())? {
                listed.pages = pages.read;
                return Ok(listed);
            }
        }
    }

    pub async fn subscription(&self, arn: &str) -> Result<Attributes, Failure> {
        let request = self.sns.get_subscription_attributes().subscription_arn(arn).send();
        let answer = self.ask("sns:GetSubscriptionAttributes", request).await?;
        Ok(sorted(answer.attributes().into_iter().flatten()))
    }

    /// One question to CloudWatch about up to 500 figures of one stretch of time, in seconds since the epoch.
    /// Answers are told apart by the place of the figure in the list.
    pub async fn figures(&self, queries: &[Query], window: (i64, i64), period: i32) -> Result<Vec<Points>, Failure> {
        let asked: Vec<cw::MetricDataQuery> = queries
            .iter()
            .enumerate()
            .map(|(n, query)| asked(n, query, period))
            .collect();
        let mut points: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
        let mut pages = Pages::of("cloudwatch:GetMetricData");
        loop {
            let request = self
                .cloudwatch
                .get_metric_data()
                .set_metric_data_queries(Some(asked.clone()))
                .start_time(DateTime::from_secs(window.0))
                .end_time(DateTime::from_secs(window.1))
                .scan_by(cw::ScanBy::TimestampAscending)
                .set_next_token(pages.token.clone());
            let answer = self.ask("cloudwatch:GetMetricData", request.send()).await?;
            for result in answer.metric_data_results() {
                let values = result
                    .timestamps()
                    .iter()
                    .map(DateTime::secs)
                    .zip(result.values().iter().copied());
                points
                    .entry(result.id().unwrap_or_default().to_owned())
                    .or_default()
                    .extend(values);
            }
            if !pages.lead_on(answer.next_token())? {
                break;
            }
        }
        let ordered = points.into_iter().map(|(id, mut points)| {
            points.sort_unstable_by_key(|(at, _)| *at);
            Points { id, points }
        });
        Ok(ordered.collect())
    }
}

fn asked(n: usize, query: &Query, period: i32) -> cw::MetricDataQuery {
    let metric = cw::Metric::builder()
        .namespace(query.figure.namespace())
        .metric_name(query.figure.name)
        .dimensions(
            cw::Dimension::builder()
                .name(query.figure.dimension())
                .value(query.entity.name())
                .build(),
        )
        .build();
    let stat = cw::MetricStat::builder()
        .metric(metric)
        .period(period)
        .stat(query.figure.statistic())
        .build();
    cw::MetricDataQuery::builder()
        .id(format!("m{n}"))
        .metric_stat(stat)
        .return_data(true)
        .build()
}

fn sorted<'a>(attributes: impl Iterator<Item = (&'a String, &'a String)>) -> Attributes {
    attributes.map(|(name, value)| (name.clone(), value.clone())).collect()
}
