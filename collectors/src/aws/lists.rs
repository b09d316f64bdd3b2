//! The lists of an account in a region: queues, topics, subscriptions.

use super::ask::Asking;
use super::failure::Failure;
use super::memory::Memory;
use super::pages::Listed;
use super::wire::Subscription;

/// Lists are read anew after this time.
pub const LIST_EVERY: i64 = 600_000;

impl Asking<'_> {
    /// Whether the lists of queues and topics are read on this visit.
    pub fn lists_are_due(&self, memory: &Memory) -> bool {
        memory.is_outdated || memory.listed_at.is_none_or(|at| self.at.millis_since(at) >= LIST_EVERY)
    }

    /// Reads the lists. `Err` when the place as a whole does not answer.
    pub async fn list(&self, memory: &mut Memory) -> Result<(), Failure> {
        memory.is_outdated = false;
        memory.listed_at = Some(self.at);
        memory.denied.clear();
        if self.config.queue_urls.is_empty() {
            self.list_queues(memory).await?;
        } else {
            let only = self.config.regions.len() == 1;
            let region = format!(".{}.", self.client.region);
            let here = |url: &&String| only || url.contains(&region);
            memory.urls = self.config.queue_urls.iter().filter(here).cloned().collect();
            memory.queues_complete = true;
        }
        if self.config.sns {
            self.list_topics(memory).await;
        }
        // What a list may only have missed is decided by the next one.
        let doubts = [
            &memory.doubted_queues,
            &memory.doubted_topics,
            &memory.doubted_subscriptions,
        ];
        memory.is_outdated |= doubts.iter().any(|doubts| !doubts.is_empty());
        memory.forget_what_is_gone();
        Ok(())
    }

    async fn list_queues(&self, memory: &mut Memory) -> Result<(), Failure> {
        let listed = self.client.queues(self.config.queue_prefix.as_deref()).await;
        if let Err(failure) = &listed
            && failure.is_about_the_place()
        {
            // Of the next visit's concern: this one failed.
            memory.is_outdated = true;
            return Err(failure.clone());
        }
        let listed = self.noted_list(memory, "sqs:ListQueues", listed);
        memory.queues_complete = listed.is_some();
        if let Some(listed) = listed {
            let before = std::mem::take(&mut memory.urls);
            let slipped = memory.doubted_queues.slipped(before, &listed, Clone::clone);
            memory.urls = listed.items;
            memory.urls.extend(slipped);
            memory.urls.sort_unstable();
            memory.urls.dedup();
        }
        Ok(())
    }

    async fn list_topics(&self, memory: &mut Memory) {
        let (topics, subscriptions) = futures_util::join!(self.client.topics(), self.client.subscriptions());
        let topics = self.noted_list(memory, "sns:ListTopics", topics);
        let subscriptions = self.noted_list(memory, "sns:ListSubscriptions", subscriptions);
        memory.sns_complete = topics.is_some() && subscriptions.is_some();
        if let Some(topics) = topics {
            let mut before = std::mem::take(&mut memory.topics);
            let known = before.keys().cloned().collect();
            let slipped = memory.doubted_topics.slipped(known, &topics, Clone::clone);
            let all = topics.items.into_iter().chain(slipped);
            memory.topics = all
                .map(|arn| {
                    let known = before.remove(&arn).unwrap_or_default();
                    (arn, known)
                })
                .collect();
        }
        if let Some(mut listed) = subscriptions {
            listed.items.retain(|subscription| subscription.arn != "Deleted");
            let before = std::mem::take(&mut memory.subscriptions);
            let slipped = memory.doubted_subscriptions.slipped(before, &listed, name);
            let mut subscriptions = listed.items;
            subscriptions.extend(slipped);
            subscriptions.sort_unstable_by(|a, b| a.arn.cmp(&b.arn).then(a.endpoint.cmp(&b.endpoint)));
            subscriptions.dedup();
            memory.subscriptions = subscriptions;
        }
    }

    /// Notes how a list went. One that failed, rather than being refused, is read again on the next visit: until then
    /// what is new is not seen, and at the beginning nothing at all.
    fn noted_list<T>(
        &self,
        memory: &mut Memory,
        action: &'static str,
        answer: Result<Listed<T>, Failure>,
    ) -> Option<Listed<T>> {
        let refused = |failure: &Failure| matches!(failure, Failure::NotPermitted(_) | Failure::NotSupported(_));
        memory.is_outdated |= answer.as_ref().err().is_some_and(|failure| !refused(failure));
        memory.note(action, answer)
    }
}

/// What tells a subscription apart, also while it has no ARN of its own.
fn name(subscription: &Subscription) -> String {
    format!("{} {} {}", subscription.arn, subscription.topic, subscription.endpoint)
}
