//! Questions with a pace of their own: details that change rarely, a few on each visit, and CloudWatch.

use std::collections::HashSet;

use brokerscope_contract::History;

use super::activity;
use super::ask::Asking;
use super::config::CloudWatch;
use super::failure::Failure;
use super::lists::LIST_EVERY;
use super::memory::Memory;
use super::pace::DETAILS;
use super::wire;

/// A detail that changes rarely is read anew after this time.
const DETAIL_EVERY: i64 = 3_600_000;
/// A question that is not permitted or not supported is tried again after this time.
const DENIED_EVERY: i64 = 600_000;
/// Questions to CloudWatch of one visit; more of them wait for the next one.
const FIGURE_QUESTIONS: usize = 10;

const FIGURES: &str = "cloudwatch:GetMetricData";
const MOVES: &str = "sqs:ListMessageMoveTasks";
const SOURCES: &str = "sqs:ListDeadLetterSourceQueues";
const SUBSCRIPTION: &str = "sns:GetSubscriptionAttributes";
const TOPIC: &str = "sns:GetTopicAttributes";

impl Asking<'_> {
    /// A few of the details: each visit goes on where the one before stopped.
    pub async fn details(&self, memory: &mut Memory) {
        let mut left = DETAILS;
        self.moves(memory, &mut left).await;
        self.sources(memory, &mut left).await;
        self.subscription_details(memory, &mut left).await;
        self.topic_details(memory, &mut left).await;
    }

    async fn moves(&self, memory: &mut Memory, left: &mut usize) {
        for arn in memory.dead_letter_queues() {
            let runs = memory
                .moves
                .get(&arn)
                .is_some_and(|tasks| tasks.iter().any(wire::MoveTask::is_running));
            let every = if runs { 0 } else { LIST_EVERY };
            let ours = wire::arn(&arn).is_some_and(|arn| arn.region == memory.region);
            if !ours || !self.takes(memory, left, MOVES, &arn, every) {
                continue;
            }
            let answer = self.client.moves(&arn).await;
            // The target of a redrive policy need not exist; a check says so.
            if answer == Err(Failure::Gone) {
                memory.moves.remove(&arn);
                continue;
            }
            if let Some(tasks) = self.noted(memory, MOVES, answer) {
                memory.moves.insert(arn, tasks);
            }
        }
    }

    /// Where all queues are seen, their redrive policies say what feeds what.
    async fn sources(&self, memory: &mut Memory, left: &mut usize) {
        if self.config.queue_prefix.is_none() && self.config.queue_urls.is_empty() {
            return;
        }
        for url in memory.urls.clone() {
            if !self.takes(memory, left, SOURCES, &url, DETAIL_EVERY) {
                continue;
            }
            let answer = self.client.sources(&url).await;
            if let Some(sources) = self.noted(memory, SOURCES, answer) {
                memory.sources.insert(url, sources);
            }
        }
    }

    async fn subscription_details(&self, memory: &mut Memory, left: &mut usize) {
        let confirmed = memory
            .subscriptions
            .iter()
            .filter(|subscription| !subscription.is_pending());
        for arn in confirmed
            .map(|subscription| subscription.arn.clone())
            .collect::<Vec<_>>()
        {
            if !self.takes(memory, left, SUBSCRIPTION, &arn, DETAIL_EVERY) {
                continue;
            }
            let answer = self.client.subscription(&arn).await;
            if let Some(attributes) = self.noted(memory, SUBSCRIPTION, answer) {
                memory.subscription_attributes.insert(arn, attributes);
            }
        }
    }

    async fn topic_details(&self, memory: &mut Memory, left: &mut usize) {
        for arn in memory.topics.keys().cloned().collect::<Vec<_>>() {
            if !self.takes(memory, left, TOPIC, &arn, DETAIL_EVERY) {
                continue;
            }
            let answer = self.client.topic(&arn).await;
            if let Some(attributes) = self.noted(memory, TOPIC, answer) {
                memory.topics.insert(arn, attributes);
            }
        }
    }

    /// CloudWatch, at its own pace.
    pub async fn figures(&self, memory: &mut Memory) -> Vec<History> {
        if self.config.cloudwatch == CloudWatch::Off || !self.may_try(memory, FIGURES) {
            return Vec::new();
        }
        let subjects = memory.subjects();
        let exists: HashSet<_> = subjects.iter().map(|subject| &subject.entity).collect();
        memory.ledger.keep(|entity| exists.contains(entity));
        let period = i32::try_from(self.config.cloudwatch_seconds).unwrap_or(300);
        let mut told = Vec::new();
        let due = memory.ledger.due(&subjects, self.config, self.at);
        for batch in due.into_iter().take(FIGURE_QUESTIONS) {
            let Some(first) = batch.first() else { continue };
            let window = (first.from.0 / 1_000, first.until.0 / 1_000);
            let answer = self.client.figures(&batch, window, period).await;
            let Some(points) = self.noted(memory, FIGURES, answer) else {
                break;
            };
            told.extend(memory.ledger.answered(&batch, &points, self.config));
        }
        let held = memory.held_queues();
        told.extend(activity::readers(&told, |queue| held.contains(queue)));
        told
    }

    /// Whether the detail is asked for now; then one question less is left, and it is noted as asked.
    fn takes(&self, memory: &mut Memory, left: &mut usize, action: &'static str, of: &str, every: i64) -> bool {
        let name = format!("{action} {of}");
        let asked = memory.details_at.get(&name);
        let due = asked.is_none_or(|asked| self.at.millis_since(*asked) >= every);
        if *left == 0 || !due || !self.may_try(memory, action) {
            return false;
        }
        *left -= 1;
        memory.details_at.insert(name, self.at);
        true
    }

    /// What was refused is not tried on every visit.
    fn may_try(&self, memory: &Memory, action: &'static str) -> bool {
        let refused = memory.troubles.get(action);
        let lasting = refused.is_some_and(|failure| {
            matches!(
                failure,
                Failure::NotPermitted(_) | Failure::NotSupported(_) | Failure::Throttled(_)
            )
        });
        let tried = memory.details_at.get(action);
        !lasting || tried.is_none_or(|tried| self.at.millis_since(*tried) >= DENIED_EVERY)
    }

    fn noted<T>(&self, memory: &mut Memory, action: &'static str, answer: Result<T, Failure>) -> Option<T> {
        memory.details_at.insert(action.to_owned(), self.at);
        // Removed since the list was read: no trouble, but a reason to read it again.
        if matches!(answer, Err(Failure::Gone)) {
            memory.is_outdated = true;
            return None;
        }
        memory.note(action, answer)
    }
}
