//! The questions of one visit to one account in one region, in their order; what is due is asked, the rest waits.

use std::time::{Duration, Instant};

use brokerscope_contract::{History, Timestamp};
use futures_util::StreamExt;
use futures_util::stream;

use super::client::Client;
use super::config::Config;
use super::failure::Failure;
use super::memory::Memory;
use super::pace::AT_ONCE;

/// Lists are read anew after this time.
pub const LIST_EVERY: i64 = 600_000;

/// One visit to one place.
pub struct Asking<'a> {
    pub client: &'a Client,
    pub config: &'a Config,
    pub at: Timestamp,
    started: Instant,
    patience: Duration,
}

impl Asking<'_> {
    pub fn new<'a>(client: &'a Client, config: &'a Config, at: Timestamp) -> Asking<'a> {
        // The runner gives a visit its interval, within bounds; what does not fit is left for the next one.
        let patience = Duration::from_secs(config.interval_seconds.clamp(10, 60)).mul_f64(0.7);
        Asking {
            client,
            config,
            at,
            started: Instant::now(),
            patience,
        }
    }

    /// Asks what is due. `Err` when the place as a whole does not answer.
    pub async fn ask(&self, memory: &mut Memory) -> Result<Vec<History>, Failure> {
        memory.fresh.clear();
        if memory.account.is_none() {
            self.account(memory).await?;
        }
        if self.lists_are_due(memory) {
            self.list(memory).await?;
        }
        self.queues(memory).await?;
        self.details(memory).await;
        Ok(self.figures(memory).await)
    }

    async fn account(&self, memory: &mut Memory) -> Result<(), Failure> {
        match self.client.account().await {
            Ok(account) => memory.account = account,
            // A stand-in, or a policy that denies it: the first queue's ARN tells as well.
            Err(failure) if failure.is_about_the_place() => return Err(failure),
            Err(_) => {}
        }
        Ok(())
    }

    /// Whether the lists of queues and topics are read on this visit.
    fn lists_are_due(&self, memory: &Memory) -> bool {
        memory.is_outdated || memory.listed_at.is_none_or(|at| self.at.millis_since(at) >= LIST_EVERY)
    }

    async fn list(&self, memory: &mut Memory) -> Result<(), Failure> {
        memory.is_outdated = false;
        memory.listed_at = Some(self.at);
        memory.denied.clear();
        if self.config.queue_urls.is_empty() {
            let listed = self.client.queues(self.config.queue_prefix.as_deref()).await;
            if let Err(failure) = &listed
                && failure.is_about_the_place()
            {
                return Err(failure.clone());
            }
            let listed = memory.note("sqs:ListQueues", listed);
            memory.queues_complete = listed.is_some();
            if let Some(mut urls) = listed {
                urls.sort_unstable();
                urls.dedup();
                memory.urls = urls;
            }
        } else {
            let here = |url: &&String| url.contains(&format!(".{}.", self.config_region())) || self.is_only_region();
            memory.urls = self.config.queue_urls.iter().filter(here).cloned().collect();
            memory.queues_complete = true;
        }
        let urls = &memory.urls;
        memory
            .queues
            .retain(|url, _| urls.binary_search(url).is_ok() || urls.contains(url));
        self.topics(memory).await
    }

    fn config_region(&self) -> &str {
        &self.client.region
    }

    fn is_only_region(&self) -> bool {
        self.config.regions.len() == 1
    }

    async fn topics(&self, memory: &mut Memory) -> Result<(), Failure> {
        if !self.config.sns {
            return Ok(());
        }
        let (topics, subscriptions) = futures_util::join!(self.client.topics(), self.client.subscriptions());
        let topics = memory.note("sns:ListTopics", topics);
        let subscriptions = memory.note("sns:ListSubscriptions", subscriptions);
        memory.sns_complete = topics.is_some() && subscriptions.is_some();
        if let Some(topics) = topics {
            let mut before = std::mem::take(&mut memory.topics);
            memory.topics = topics
                .into_iter()
                .map(|arn| {
                    let known = before.remove(&arn).unwrap_or_default();
                    (arn, known)
                })
                .collect();
        }
        if let Some(mut subscriptions) = subscriptions {
            subscriptions.retain(|subscription| subscription.arn != "Deleted");
            subscriptions.sort_unstable_by(|a, b| a.arn.cmp(&b.arn).then(a.endpoint.cmp(&b.endpoint)));
            subscriptions.dedup();
            memory.subscriptions = subscriptions;
        }
        let exists = |arn: &String| memory.subscriptions.iter().any(|subscription| subscription.arn == *arn);
        let mut attributes = std::mem::take(&mut memory.subscription_attributes);
        attributes.retain(|arn, _| exists(arn));
        memory.subscription_attributes = attributes;
        Ok(())
    }

    /// One question for each queue, those that waited longest first.
    async fn queues(&self, memory: &mut Memory) -> Result<(), Failure> {
        let never = Timestamp(0);
        let mut due: Vec<String> = memory
            .urls
            .iter()
            .filter(|url| !memory.denied.contains(*url))
            .cloned()
            .collect();
        due.sort_by_key(|url| memory.asked_at.get(url).copied().unwrap_or(never));
        let (all, allowed) = (due.len(), memory.pace.allowed());
        due.truncate(allowed);
        let client = self.client;
        let questions = due.into_iter().map(|url| async move {
            let answer = client.queue(&url).await;
            (url, answer)
        });
        let mut answers = stream::iter(questions).buffer_unordered(AT_ONCE);
        let (mut asked, mut throttled, mut denied) = (0_usize, None, None);
        while let Some((url, answer)) = answers.next().await {
            asked += 1;
            match answer {
                Ok(queue) => {
                    memory.asked_at.insert(url.clone(), self.at);
                    memory.fresh.insert(url.clone());
                    memory.queues.insert(url, queue);
                }
                Err(Failure::Gone) => {
                    memory.queues.remove(&url);
                    memory.is_outdated = true;
                }
                Err(failure @ Failure::Throttled(_)) => {
                    throttled = Some(failure);
                    break;
                }
                Err(failure) if failure.is_about_the_place() && memory.fresh.is_empty() => return Err(failure),
                Err(failure) => {
                    if matches!(failure, Failure::NotPermitted(_)) {
                        memory.denied.insert(url.clone());
                    }
                    denied = Some(failure);
                }
            }
            if self.started.elapsed() > self.patience {
                break;
            }
        }
        drop(answers);
        memory.postponed = all.saturating_sub(asked);
        match throttled {
            Some(failure) => {
                memory.pace.throttled(memory.fresh.len());
                memory.troubles.insert("sqs:GetQueueAttributes", failure);
            }
            None => {
                memory.pace.went_well();
                match denied {
                    Some(failure) => drop(memory.troubles.insert("sqs:GetQueueAttributes", failure)),
                    None if memory.denied.is_empty() => drop(memory.troubles.remove("sqs:GetQueueAttributes")),
                    None => {}
                }
            }
        }
        if memory.account.is_none() {
            let arn = memory
                .queues
                .values()
                .find_map(|queue| super::wire::arn(queue.text("QueueArn")?));
            memory.account = arn.map(|arn| arn.account.to_owned());
        }
        Ok(())
    }
}
