//! When each question is due next.

use std::collections::HashMap;
use std::time::Duration;

use brokerscope_contract::Timestamp;

use super::tier::Question;

/// A question that failed is asked again after this time at the latest, however rare it is otherwise.
const RETRY: Duration = Duration::from_secs(60);
/// A question that something has made urgent still waits this long after it was last asked, or a fifth of its cadence
/// where that is longer: a cluster whose queues come and go all the time must not be listed all the time.
const BREATHER: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Default)]
pub struct Plan {
    asked: HashMap<Question, Asked>,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    at: Timestamp,
    failed: bool,
    urgent: bool,
}

impl Plan {
    /// Whether to ask on the visit at `at`, when visits come every `interval`. `cadence` of `None` is never.
    ///
    /// Half an interval early counts as due: the visit after would be later than wanted by more. A clock that went
    /// back makes everything due.
    pub fn is_due(&self, question: Question, at: Timestamp, cadence: Option<Duration>, interval: Duration) -> bool {
        let Some(cadence) = cadence else { return false };
        let Some(asked) = self.asked.get(&question) else {
            return true;
        };
        let wait = match asked {
            Asked { urgent: true, .. } => BREATHER.max(cadence / 5).min(cadence),
            Asked { failed: true, .. } => RETRY.min(cadence),
            _ => cadence,
        };
        let passed = at.millis_since(asked.at);
        passed < 0 || passed + millis(interval) / 2 >= millis(wait)
    }

    pub fn answered(&mut self, question: Question, at: Timestamp) {
        self.note(question, at, false);
    }

    pub fn failed(&mut self, question: Question, at: Timestamp) {
        self.note(question, at, true);
    }

    fn note(&mut self, question: Question, at: Timestamp, failed: bool) {
        self.asked.insert(
            question,
            Asked {
                at,
                failed,
                urgent: false,
            },
        );
    }

    /// Something changed about which this question would tell.
    pub fn hurry(&mut self, question: Question) {
        if let Some(asked) = self.asked.get_mut(&question) {
            asked.urgent = true;
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: Option<Duration> = Some(Duration::from_secs(300));
    const INTERVAL: Duration = Duration::from_secs(15);

    fn due_after(plan: &Plan, seconds: i64) -> bool {
        plan.is_due(Question::Inventory, Timestamp(seconds * 1_000), MINUTES, INTERVAL)
    }

    #[test]
    fn a_question_is_due_at_first_and_then_at_its_own_cadence() {
        let mut plan = Plan::default();
        assert!(due_after(&plan, 0));
        plan.answered(Question::Inventory, Timestamp(0));
        for (seconds, due) in [
            (0, false),
            (15, false),
            (280, false),
            (293, true),
            (400, true),
            (-1, true),
        ] {
            assert_eq!(due_after(&plan, seconds), due, "after {seconds} s");
        }
        assert!(
            !plan.is_due(Question::Inventory, Timestamp(1_000_000), None, INTERVAL),
            "never means never"
        );
    }

    #[test]
    fn a_failed_question_is_tried_again_sooner() {
        let mut plan = Plan::default();
        plan.failed(Question::Inventory, Timestamp(0));
        assert!(!due_after(&plan, 45) && due_after(&plan, 60));
    }

    #[test]
    fn an_urgent_question_still_takes_a_breath() {
        let mut plan = Plan::default();
        plan.answered(Question::Inventory, Timestamp(0));
        plan.hurry(Question::Inventory);
        assert!(!due_after(&plan, 15) && !due_after(&plan, 45) && due_after(&plan, 60));
        plan.answered(Question::Inventory, Timestamp(60_000));
        assert!(!due_after(&plan, 120), "once");
    }
}
