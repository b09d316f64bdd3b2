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
                    memory.urls.retain(|known| *known != url);
                    memory.is_outdated = true;
                }
                Err(failure @ Failure::Throttled(_)) => {
                    throttled = Some(failure);
                    break;
                }
                Err(failure) if failure.is_about_the_place() && memory.fresh.is_empty() => return Err(failure),
                // A login that ends half way is refused for all others too; one queue that is slow is not all of them.
                Err(failure) if failure.is_about_the_place() && !matches!(failure, Failure::TimedOut(_)) => {
                    denied = Some(failure);
                    break;
                }
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
