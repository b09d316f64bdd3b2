//! The lists of an account in a region: queues, topics, subscriptions.

use brokerscope_contract::Timestamp;

use super::ask::Asking;
use super::failure::Failure;
use super::memory::Memory;
use super::pages::Listed;
use super::wire::Subscription;

/// Lists are read anew after this time.
pub const LIST_EVERY: i64 = 600_000;

impl Asking<'_> {
    /// Whether the list of queues is read on this visit.
    pub fn queues_are_due(&self, memory: &Memory) -> bool {
        memory.is_outdated || self.is_old(memory.listed_at)
    }

    /// Whether the lists of topics and subscriptions are.
    pub fn topics_are_due(&self, memory: &Memory) -> bool {
        self.config.sns && (memory.is_sns_outdated || self.is_old(memory.sns_listed_at))
    }

    fn is_old(&self, listed_at: Option<Timestamp>) -> bool {
        listed_at.is_none_or(|at| self.at.millis_since(at) >= LIST_EVERY)
    }

    /// Reads which queues there are. `Err` when the place as a whole does not answer.
    pub async fn list_queues(&self, memory: &mut Memory) -> Result<(), Failure> {
        memory.is_outdated = false;
        memory.listed_at = Some(self.at);
        memory.denied.clear();
        if !self.config.queue_urls.is_empty() {
            let role = self.client.role.as_deref();
            let here = self.config.queues_of(role, &self.client.region);
            memory.urls = here.map(str::to_owned).collect();
            memory.queues_complete = true;
            return Ok(());
        }
        let listed = self.client.queues(self.config.queue_prefix.as_deref()).await;
        if let Err(failure) = &listed
            && failure.is_about_the_place()
        {
            // Of the next visit's concern: this one failed.
            memory.is_outdated = true;
            return Err(failure.clone());
        }
        memory.is_outdated = has_failed(&listed);
        let listed = memory.troubles.note("sqs:ListQueues", None, self.at, listed);
        memory.queues_complete = listed.is_some();
        if let Some(listed) = listed {
            let before = std::mem::take(&mut memory.urls);
            let slipped = memory.doubted_queues.slipped(before, &listed, Clone::clone);
            memory.urls = listed.items;
            memory.urls.extend(slipped);
            memory.urls.sort_unstable();
            memory.urls.dedup();
        }
        // What a list may only have missed is decided by the next one.
        memory.is_outdated |= !memory.doubted_queues.is_empty();
        Ok(())
    }

    /// Reads which topics and subscriptions there are.
    pub async fn list_topics(&self, memory: &mut Memory) {
        let (topics, subscriptions) = futures_util::join!(self.client.topics(), self.client.subscriptions());
        memory.sns_listed_at = Some(self.at);
        memory.is_sns_outdated = has_failed(&topics) || has_failed(&subscriptions);
        let topics = memory.troubles.note("sns:ListTopics", None, self.at, topics);
        let subscriptions = memory
            .troubles
            .note("sns:ListSubscriptions", None, self.at, subscriptions);
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
        memory.is_sns_outdated |= !memory.doubted_topics.is_empty() || !memory.doubted_subscriptions.is_empty();
    }
}

/// A list that failed, rather than being refused, is read again on the next visit: until then what is new is not seen,
/// and at the beginning nothing at all.
fn has_failed<T>(listed: &Result<Listed<T>, Failure>) -> bool {
    listed.as_ref().is_err_and(|failure| !failure.is_lasting())
}

/// What tells a subscription apart, also while it has no ARN of its own.
fn name(subscription: &Subscription) -> String {
    format!("{} {} {}", subscription.arn, subscription.topic, subscription.endpoint)
}
