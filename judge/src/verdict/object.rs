//! What the broker itself says about a queue, stream, topic or exchange: broken, at risk, or nothing.

use brokerscope_contract::{Attribute, Verdict};
use brokerscope_figures::format::{count, rate};

use super::Assessment;
use crate::wording::{many, verb};

/// The facts that decide, as far as they are known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The broker's word for the state of a queue or stream, such as `running` or `minority`.
    pub state: Option<&'a str>,
    pub partitions: Option<f64>,
    pub offline: Option<f64>,
    pub under_replicated: Option<f64>,
    /// Messages per second that no destination took.
    pub unroutable: Option<f64>,
}

/// The attribute under which collectors tell the state.
pub fn state_of(attributes: &[Attribute]) -> Option<&str> {
    attributes
        .iter()
        .find(|attribute| attribute.name == "state")
        .map(|attribute| attribute.value.as_str())
}

/// `None` when nothing is wrong with the object itself.
pub fn judge(facts: &Facts<'_>) -> Option<Assessment> {
    const RULES: &[fn(&Facts<'_>) -> Option<Assessment>] = &[bad_state, offline, under_replicated, unroutable];
    RULES.iter().find_map(|rule| rule(facts))
}

/// Broken: the broker says that it does not serve.
fn bad_state(facts: &Facts<'_>) -> Option<Assessment> {
    let state = facts.state?;
    let why = match state {
        "down" => "its node is down, and messages cannot be sent or read until it is back",
        "minority" => "too few of its members are online to elect a leader, so nothing can be sent or read",
        "crashed" => "its process on the broker failed and could not be started again",
        "stopped" => "its virtual host is stopped on this node",
        "terminated" => "its process on the broker was terminated",
        _ => return None,
    };
    Some(Assessment::new(
        Verdict::Broken,
        format!("The broker reports it as {state}: {why}."),
    ))
}

/// Broken: some partitions have no leader.
fn offline(facts: &Facts<'_>) -> Option<Assessment> {
    let offline = facts.offline.filter(|n| *n > 0.0)?;
    Some(Assessment::new(
        Verdict::Broken,
        format!(
            "{} {} no leader: nothing can be written to or read from {}.",
            of_all(offline, facts.partitions),
            verb(offline, "has", "have"),
            verb(offline, "it", "them"),
        ),
    ))
}

/// At risk: some partitions have fewer replicas in sync than they should.
fn under_replicated(facts: &Facts<'_>) -> Option<Assessment> {
    let under = facts.under_replicated.filter(|n| *n > 0.0)?;
    Some(Assessment::new(
        Verdict::AtRisk,
        format!(
            "{} {} fewer replicas in sync than wanted: the loss of one more broker can stop or lose messages.",
            of_all(under, facts.partitions),
            verb(under, "has", "have"),
        ),
    ))
}

/// At risk: messages are accepted and routed nowhere.
fn unroutable(facts: &Facts<'_>) -> Option<Assessment> {
    let lost = facts.unroutable.filter(|rate| *rate > 0.0)?;
    Some(Assessment::new(
        Verdict::AtRisk,
        format!("{} match no binding: the broker returns or drops them.", rate(lost)),
    ))
}

fn of_all(n: f64, all: Option<f64>) -> String {
    match all {
        Some(all) if all >= n => format!("{} of {}", count(n), many(all, "partition", "partitions")),
        _ => many(n, "partition", "partitions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(facts: Facts<'_>) -> Option<Verdict> {
        judge(&facts).map(|assessment| assessment.verdict)
    }

    #[test]
    fn a_state_that_serves_is_nothing_to_report() {
        for state in ["running", "idle", "flow", "", "syncing"] {
            let facts = Facts {
                state: Some(state),
                ..Facts::default()
            };
            assert_eq!(verdict(facts), None, "{state}");
        }
        for state in ["down", "minority", "crashed", "stopped", "terminated"] {
            let facts = Facts {
                state: Some(state),
                ..Facts::default()
            };
            assert_eq!(verdict(facts), Some(Verdict::Broken), "{state}");
        }
    }

    #[test]
    fn offline_is_worse_than_under_replicated_and_zero_is_neither() {
        let facts = |offline, under| Facts {
            offline,
            under_replicated: under,
            partitions: Some(12.0),
            ..Facts::default()
        };
        assert_eq!(verdict(facts(Some(1.0), Some(3.0))), Some(Verdict::Broken));
        assert_eq!(verdict(facts(Some(0.0), Some(3.0))), Some(Verdict::AtRisk));
        assert_eq!(verdict(facts(Some(0.0), Some(0.0))), None);
        assert_eq!(verdict(facts(None, None)), None);
        let sentence = judge(&facts(Some(1.0), None)).unwrap().sentence;
        assert_eq!(
            sentence,
            "1 of 12 partitions has no leader: nothing can be written to or read from it."
        );
    }

    #[test]
    fn unroutable_messages_put_an_exchange_at_risk() {
        let facts = Facts {
            unroutable: Some(3.0),
            ..Facts::default()
        };
        assert_eq!(
            judge(&facts).unwrap().sentence,
            "3/s match no binding: the broker returns or drops them."
        );
        assert_eq!(
            verdict(Facts {
                unroutable: Some(0.0),
                ..Facts::default()
            }),
            None
        );
    }
}
