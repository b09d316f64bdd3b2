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
use super::turns::Wanted;
use super::wire;

/// A detail that changes rarely is read anew after this time.
const DETAIL_EVERY: i64 = 3_600_000;
/// What feeds a queue that nothing is known to feed.
const UNLIKELY_EVERY: i64 = 86_400_000;
/// Questions to CloudWatch of one visit; more of them wait for the next one.
const FIGURE_QUESTIONS: usize = 10;

pub const FIGURES: &str = "cloudwatch:GetMetricData";
const MOVES: &str = "sqs:ListMessageMoveTasks";
const SOURCES: &str = "sqs:ListDeadLetterSourceQueues";
const SUBSCRIPTION: &str = "sns:GetSubscriptionAttributes";
const TOPIC: &str = "sns:GetTopicAttributes";

impl Asking<'_> {
    /// A few of the details: each visit goes on where the one before stopped.
    pub async fn details(&self, memory: &mut Memory) {
        let mut wanted = self.wanted(memory);
        wanted.retain(|detail| !memory.troubles.rests(detail.action, self.at));
        let turns: Vec<Wanted> = memory.details_at.due(&wanted, self.at).into_iter().cloned().collect();
        let mut left = DETAILS;
        for detail in &turns {
            if left == 0 || self.is_late() {
                break;
            }
            // Refused a moment ago.
            if memory.troubles.rests(detail.action, self.at) {
                continue;
            }
            left -= 1;
            memory.details_at.note(detail, self.at);
            self.detail(memory, detail).await;
        }
        memory.details = (wanted.len(), memory.details_at.unasked(&wanted));
    }

    /// Every detail there is.
    fn wanted(&self, memory: &Memory) -> Vec<Wanted> {
        let wanted = |action, of: &str, every| Wanted {
            action,
            of: of.to_owned(),
            every,
        };
        let dead_letter_queues = memory.dead_letter_queues();
        let mut all = Vec::new();
        let ours = |queue: &&String| wire::arn(queue).is_some_and(|arn| arn.region == memory.region);
        for queue in dead_letter_queues.iter().filter(ours) {
            let mut tasks = memory.moves.get(queue).into_iter().flatten();
            let runs = tasks.any(wire::MoveTask::is_running);
            all.push(wanted(MOVES, queue, if runs { 0 } else { LIST_EVERY }));
        }
        // Where all queues are seen, their redrive policies say what feeds what. Elsewhere anything that has no
        // dead-letter queue itself may be one, but few are.
        let sees_all = self.config.queue_prefix.is_none() && self.config.queue_urls.is_empty();
        for url in memory.urls.iter().filter(|_| !sees_all) {
            let queue = memory.queues.get(url);
            let feeds = |arn: &str| dead_letter_queues.contains(arn);
            if queue.and_then(|queue| queue.text("QueueArn")).is_some_and(feeds) {
                all.push(wanted(SOURCES, url, DETAIL_EVERY));
            } else if queue.is_some_and(|queue| queue.redrive().is_none()) {
                all.push(wanted(SOURCES, url, UNLIKELY_EVERY));
            }
        }
        let confirmed = memory.subscriptions.iter().filter(|known| !known.is_pending());
        all.extend(confirmed.map(|known| wanted(SUBSCRIPTION, &known.arn, DETAIL_EVERY)));
        all.extend(memory.topics.keys().map(|topic| wanted(TOPIC, topic, DETAIL_EVERY)));
        all
    }

    async fn detail(&self, memory: &mut Memory, detail: &Wanted) {
        let of = &detail.of;
        match detail.action {
            MOVES => {
                let answer = self.client.moves(of).await;
                // The target of a redrive policy need not exist; a check says so.
                if answer == Err(Failure::Gone) {
                    memory.moves.remove(of);
                } else if let Some(tasks) = self.noted(memory, detail, answer) {
                    memory.moves.insert(of.clone(), tasks);
                }
            }
            SOURCES => {
                let answer = self.client.sources(of).await;
                if let Some(sources) = self.noted(memory, detail, answer) {
                    memory.sources.insert(of.clone(), sources);
                }
            }
            SUBSCRIPTION => {
                let answer = self.client.subscription(of).await;
                if let Some(attributes) = self.noted(memory, detail, answer) {
                    memory.subscription_attributes.insert(of.clone(), attributes);
                }
            }
            _ => {
                let answer = self.client.topic(of).await;
                if let Some(attributes) = self.noted(memory, detail, answer) {
                    memory.topics.insert(of.clone(), attributes);
                }
            }
        }
    }

    fn noted<T>(&self, memory: &mut Memory, detail: &Wanted, answer: Result<T, Failure>) -> Option<T> {
        // Removed since the list was read: no trouble, but a reason to read it again.
        if matches!(answer, Err(Failure::Gone)) {
            match detail.action.starts_with("sns:") {
                true => memory.is_sns_outdated = true,
                false => memory.is_outdated = true,
            }
            return None;
        }
        memory.troubles.note(detail.action, Some(&detail.of), self.at, answer)
    }

    /// CloudWatch, at its own pace.
    pub async fn figures(&self, memory: &mut Memory) -> Vec<History> {
        memory.figures_left = 0;
        if self.config.cloudwatch == CloudWatch::Off || memory.troubles.rests(FIGURES, self.at) {
            return Vec::new();
        }
        let subjects = memory.subjects();
        let exists: HashSet<_> = subjects.iter().map(|subject| &subject.entity).collect();
        memory.ledger.keep(|entity| exists.contains(entity));
        let period = i32::try_from(self.config.cloudwatch_seconds).unwrap_or(300);
        let mut told = Vec::new();
        let due = memory.ledger.due(&subjects, self.config, self.at);
        let all: usize = due.iter().map(Vec::len).sum();
        let mut asked = 0;
        for batch in due.into_iter().take(FIGURE_QUESTIONS) {
            let Some(first) = batch.first().filter(|_| !self.is_late()) else {
                break;
            };
            let window = (first.from.0 / 1_000, first.until.0 / 1_000);
            let answer = self.client.figures(&batch, window, period).await;
            let Some(points) = memory.troubles.note(FIGURES, None, self.at, answer) else {
                break;
            };
            asked += batch.len();
            told.extend(memory.ledger.answered(&batch, &points, self.config));
        }
        memory.figures_left = all - asked;
        let held = memory.held_queues();
        told.extend(activity::readers(&told, |queue| held.contains(queue)));
        told
    }
}
