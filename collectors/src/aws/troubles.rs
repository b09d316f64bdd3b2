//! How each kind of question went last: refused as a whole, or only about some of the things that it is asked of. Pure.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

use super::failure::Failure;

/// A question that is not permitted or not supported is tried again after this time.
const REFUSED_FOR: i64 = 600_000;
/// After an answer a refusal is held to be about the one thing that was asked of, for this long.
const ANSWER_COUNTS: i64 = 3_600_000;

/// By action, such as `sqs:ListQueues`.
#[derive(Debug, Default)]
pub struct Troubles(BTreeMap<&'static str, Outcome>);

#[derive(Debug, Default)]
struct Outcome {
    whole: Option<Failure>,
    /// By what was asked of: an address or an ARN.
    single: BTreeMap<String, Failure>,
    answered_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

/// What is wrong with one kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble<'a> {
    pub action: &'static str,
    pub failure: &'a Failure,
    /// Of how many things it failed; `None` when it failed as a whole.
    pub of: Option<usize>,
}

impl Troubles {
    /// Notes how a question went, about one thing or as a whole.
    pub fn note<T>(
        &mut self,
        action: &'static str,
        of: Option<&str>,
        at: Timestamp,
        answer: Result<T, Failure>,
    ) -> Option<T> {
        let outcome = self.0.entry(action).or_default();
        match answer {
            Ok(value) => {
                outcome.answered_at = Some(at);
                match of {
                    Some(of) => drop(outcome.single.remove(of)),
                    None => outcome.whole = None,
                }
                Some(value)
            }
            Err(failure) => {
                outcome.failed_at = Some(at);
                // Slowing down is never about one thing.
                match of.filter(|_| !matches!(failure, Failure::Throttled(_))) {
                    Some(of) => drop(outcome.single.insert(of.to_owned(), failure)),
                    None => outcome.whole = Some(failure),
                }
                None
            }
        }
    }

    /// It is not slowed down or refused as a whole any more.
    pub fn is_over(&mut self, action: &'static str) {
        if let Some(outcome) = self.0.get_mut(action) {
            outcome.whole = None;
        }
    }

    pub fn get(&self, action: &str) -> Option<Trouble<'_>> {
        let (&action, outcome) = self.0.get_key_value(action)?;
        outcome.trouble(action)
    }

    pub fn all(&self) -> impl Iterator<Item = Trouble<'_>> {
        self.0.iter().filter_map(|(&action, outcome)| outcome.trouble(action))
    }

    /// Whether a kind of question is not worth asking at present: refused whatever it is asked of, or slowed down.
    pub fn rests(&self, action: &str, at: Timestamp) -> bool {
        let Some(outcome) = self.0.get(action) else {
            return false;
        };
        let within = |since: Option<Timestamp>, limit: i64| since.is_some_and(|since| at.millis_since(since) < limit);
        if !within(outcome.failed_at, REFUSED_FOR) {
            return false;
        }
        match outcome.whole.as_ref().or_else(|| outcome.single.values().next()) {
            Some(Failure::Throttled(_)) => true,
            Some(failure) => failure.is_lasting() && !within(outcome.answered_at, ANSWER_COUNTS),
            None => false,
        }
    }

    /// Forgets what was about things that do not exist any more.
    pub fn keep(&mut self, exists: impl Fn(&str) -> bool) {
        for outcome in self.0.values_mut() {
            outcome.single.retain(|of, _| exists(of));
        }
    }
}

impl Outcome {
    fn trouble(&self, action: &'static str) -> Option<Trouble<'_>> {
        let whole = self.whole.as_ref().map(|failure| Trouble {
            action,
            failure,
            of: None,
        });
        whole.or_else(|| {
            Some(Trouble {
                action,
                failure: self.single.values().next()?,
                of: self.answered_at.map(|_| self.single.len()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "sns:GetTopicAttributes";

    fn refused() -> Result<(), Failure> {
        Err(Failure::NotPermitted(TOPIC.into()))
    }

    fn minute(n: i64) -> Timestamp {
        Timestamp(n * 60_000)
    }

    #[test]
    fn a_refusal_is_about_one_thing_where_others_are_answered() {
        let mut troubles = Troubles::default();
        troubles.note(TOPIC, Some("a"), minute(0), Ok(()));
        troubles.note(TOPIC, Some("b"), minute(1), refused());
        assert!(!troubles.rests(TOPIC, minute(1)), "the others are asked on");
        troubles.note(TOPIC, Some("c"), minute(1), Ok(()));
        let trouble = troubles.get(TOPIC).unwrap();
        assert_eq!(trouble.of, Some(1), "and an answer about another one ends nothing");
        troubles.note(TOPIC, Some("b"), minute(2), Ok(()));
        assert_eq!(troubles.get(TOPIC), None);
    }

    #[test]
    fn what_is_refused_whatever_it_is_asked_of_rests_and_is_tried_again() {
        let mut troubles = Troubles::default();
        troubles.note(TOPIC, Some("a"), minute(0), refused());
        assert!(troubles.rests(TOPIC, minute(9)));
        assert!(!troubles.rests(TOPIC, minute(10)));
        assert_eq!(troubles.get(TOPIC).unwrap().of, None);
        // An answer of long ago says nothing about now.
        troubles.note(TOPIC, Some("a"), minute(10), Ok(()));
        troubles.note(TOPIC, Some("a"), minute(90), refused());
        assert!(troubles.rests(TOPIC, minute(91)));
    }

    #[test]
    fn slowing_down_is_for_all_and_other_failures_rest_nothing() {
        let mut troubles = Troubles::default();
        troubles.note(TOPIC, Some("a"), minute(0), Ok(()));
        let failed = Failure::Failed(TOPIC.into(), "status 502".into(), String::new());
        troubles.note(TOPIC, Some("a"), minute(1), Err::<(), _>(failed));
        assert!(!troubles.rests(TOPIC, minute(1)));
        troubles.note(
            TOPIC,
            Some("b"),
            minute(1),
            Err::<(), _>(Failure::Throttled("Throttling".into())),
        );
        assert!(troubles.rests(TOPIC, minute(2)));
        troubles.keep(|of| of != "a");
        troubles.is_over(TOPIC);
        assert_eq!(troubles.all().count(), 0);
    }
}
