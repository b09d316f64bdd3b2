//! When each question is due next, and which figures are affordable at which size.

use std::collections::HashMap;
use std::time::Duration;

use brokerscope_contract::Timestamp;

/// What is asked less often than on every visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    Brokers,
    Leader,
    /// Each broker sends itself a message and reads it.
    Health,
    Bookies,
    Clusters,
    /// Tenants and their namespaces.
    Namespaces,
}

impl Question {
    fn cadence(self) -> Duration {
        Duration::from_secs(match self {
            Question::Brokers | Question::Leader | Question::Health | Question::Bookies => 60,
            Question::Clusters | Question::Namespaces => 300,
        })
    }
}

/// How often the topics and the policies of a namespace are asked for.
pub const NAMESPACE_CADENCE: Duration = Duration::from_secs(300);
/// Above this many namespaces a visit asks each of them one thing at most.
pub const FEW_NAMESPACES: usize = 20;
/// Metrics say about a hundred lines for each topic. Above this many topics a broker would write, and we read, tens of
/// megabytes; `broker-stats` say the most important of it in a hundredth.
pub const TOPICS_WITH_METRICS: usize = 1_000;
/// Where each topic has to be asked by itself, this many are on a visit.
pub const TOPICS_ONE_BY_ONE: usize = 100;
/// A question that failed is asked again after this time, however rare it is otherwise.
const RETRY: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Default)]
pub struct Plan {
    asked: HashMap<Question, (Timestamp, bool)>,
}

impl Plan {
    /// Whether to ask on the visit at `at`, when visits come every `interval`.
    pub fn is_due(&self, question: Question, at: Timestamp, interval: Duration) -> bool {
        let Some((asked, answered)) = self.asked.get(&question) else {
            return true;
        };
        let cadence = question.cadence();
        let wait = if *answered { cadence } else { cadence.min(RETRY) };
        is_due(Some(*asked), at, wait, interval)
    }

    pub fn note(&mut self, question: Question, at: Timestamp, answered: bool) {
        self.asked.insert(question, (at, answered));
    }
}

/// Half an interval early counts as due: the visit after would be later than wanted by more. A clock that went back
/// makes everything due.
pub fn is_due(asked: Option<Timestamp>, at: Timestamp, cadence: Duration, interval: Duration) -> bool {
    let Some(asked) = asked else { return true };
    let passed = at.millis_since(asked);
    passed < 0 || passed + millis(interval) / 2 >= millis(cadence)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_question_is_due_at_first_and_then_at_its_own_cadence() {
        let mut plan = Plan::default();
        let due = |plan: &Plan, seconds: i64| plan.is_due(Question::Clusters, Timestamp(seconds * 1_000), MINUTE);
        assert!(due(&plan, 0));
        plan.note(Question::Clusters, Timestamp(0), true);
        for (seconds, expected) in [
            (0, false),
            (60, false),
            (240, false),
            (270, true),
            (300, true),
            (-1, true),
        ] {
            assert_eq!(due(&plan, seconds), expected, "after {seconds} s");
        }
        plan.note(Question::Clusters, Timestamp(0), false);
        assert!(!due(&plan, 20) && due(&plan, 60), "a failed one comes back sooner");
    }
}
