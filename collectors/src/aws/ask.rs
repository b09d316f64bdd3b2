//! The questions of one visit to one account in one region, in their order; what is due is asked, the rest waits.

use brokerscope_contract::{History, Timestamp};
use futures_util::StreamExt;
use futures_util::stream;

use super::client::Client;
use super::config::Config;
use super::failure::Failure;
use super::memory::Memory;
use super::pace::AT_ONCE;
use crate::budget::Budget;

/// One visit to one place.
pub struct Asking<'a> {
    pub client: &'a Client,
    pub config: &'a Config,
    pub at: Timestamp,
    budget: Budget,
}

/// The part of the visit's time that questions about queues may take; the rest is for lists, details and CloudWatch.
const FOR_QUEUES: f64 = 0.8;

pub const QUEUE: &str = "sqs:GetQueueAttributes";

impl Asking<'_> {
    pub fn new<'a>(client: &'a Client, config: &'a Config, at: Timestamp, budget: Budget) -> Asking<'a> {
        Asking {
            client,
            config,
            at,
            budget,
        }
    }

    /// Whether there is no time for another question.
    pub fn is_late(&self) -> bool {
        self.budget.spent() >= 1.0
    }

    /// Asks what is due. `Err` when the place as a whole does not answer.
    ///
    /// SNS comes after the queues: where it does not answer, its silence takes no time from their figures.
    pub async fn ask(&self, memory: &mut Memory) -> Result<Vec<History>, Failure> {
        memory.fresh.clear();
        if !memory.is_identified {
            self.account(memory).await?;
        }
        let lists_queues = self.queues_are_due(memory);
        if lists_queues {
            self.list_queues(memory).await?;
        }
        self.queues(memory).await?;
        let lists_topics = self.topics_are_due(memory);
        if lists_topics {
            self.list_topics(memory).await;
        }
        if lists_queues || lists_topics {
            memory.forget_what_is_gone();
        }
        self.details(memory).await;
        Ok(self.figures(memory).await)
    }

    async fn account(&self, memory: &mut Memory) -> Result<(), Failure> {
        match self.client.account().await {
            Ok(account) => {
                memory.account = account.or(memory.account.take());
                memory.is_identified = true;
            }
            // A stand-in, or a policy that denies it: the first queue's ARN tells as well.
            Err(failure) if failure.is_about_the_place() => return Err(failure),
            Err(failure) => memory.is_identified = failure.is_lasting(),
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
        let (mut asked, mut throttled, mut ended) = (0_usize, false, false);
        while let Some((url, answer)) = answers.next().await {
            asked += 1;
            // Also of one that failed: it waits its turn again, and keeps no other one waiting.
            memory.asked_at.insert(url.clone(), self.at);
            match answer {
                Ok(queue) => {
                    memory.troubles.note(QUEUE, Some(&url), self.at, Ok(()));
                    memory.fresh.insert(url.clone());
                    memory.queues.insert(url, queue);
                }
                Err(Failure::Gone) => {
                    memory.queues.remove(&url);
                    memory.urls.retain(|known| *known != url);
                    memory.is_outdated = true;
                }
                Err(failure @ Failure::Throttled(_)) => {
                    throttled = true;
                    memory.troubles.note(QUEUE, None, self.at, Err::<(), _>(failure));
                    break;
                }
                Err(failure) if failure.is_about_the_place() && memory.fresh.is_empty() => return Err(failure),
                // A login that ends half way is refused for all others too; one queue that is slow is not all of them.
                Err(failure) if failure.is_about_the_place() && !matches!(failure, Failure::TimedOut(_)) => {
                    ended = true;
                    memory.troubles.note(QUEUE, None, self.at, Err::<(), _>(failure));
                    break;
                }
                Err(failure) => {
                    if matches!(failure, Failure::NotPermitted(_)) {
                        memory.denied.insert(url.clone());
                    }
                    memory.troubles.note(QUEUE, Some(&url), self.at, Err::<(), _>(failure));
                }
            }
            if self.budget.spent() > FOR_QUEUES {
                break;
            }
        }
        drop(answers);
        memory.postponed = all.saturating_sub(asked);
        match throttled {
            true => memory.pace.throttled(memory.fresh.len()),
            false => memory.pace.went_well(),
        }
        if !throttled && !ended {
            memory.troubles.is_over(QUEUE);
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
