//! The verdict on a node or a whole connection, from its health checks.

use brokerscope_contract::{Absence, Status, Verdict};

use super::Assessment;
use crate::wording::many;

/// One check's outcome in words.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// What was checked, e.g. "Memory alarm".
    pub label: &'a str,
    /// Where, e.g. a node's name; empty for the cluster.
    pub place: &'a str,
    pub status: Status,
    pub text: &'a str,
}

/// The worst check speaks; a critical one breaks, a warning puts at risk. `fine` is the sentence when all are ok.
pub fn judge(outcomes: &[Outcome<'_>], fine: &str) -> Assessment {
    let with = |status| outcomes.iter().filter(move |outcome| outcome.status == status);
    for (status, verdict) in [(Status::Critical, Verdict::Broken), (Status::Warning, Verdict::AtRisk)] {
        if let Some(worst) = with(status).next() {
            let others = outcomes
                .iter()
                .filter(|outcome| outcome.status >= Status::Warning)
                .count()
                - 1;
            return Assessment::new(verdict, sentence(worst, others));
        }
    }
    let unknown = with(Status::Unknown).count();
    match (outcomes.len(), unknown) {
        (0, _) => Assessment::ok(fine),
        (all, unknown) if all == unknown => Assessment::unknown(
            Absence::NotPermitted,
            format!("{} None of its checks could be made.", full_stop(fine)),
        ),
        (all, 0) => Assessment::ok(format!("{} {}.", full_stop(fine), passed(all))),
        (all, unknown) => {
            let missing = many(unknown as f64, "could not be made", "could not be made");
            Assessment::ok(format!("{} {}, {missing}.", full_stop(fine), passed(all - unknown)))
        }
    }
}

fn passed(n: usize) -> String {
    many(n as f64, "check passed", "checks passed")
}

fn full_stop(text: &str) -> String {
    if text.is_empty() || text.ends_with('.') {
        text.into()
    } else {
        format!("{text}.")
    }
}

fn sentence(worst: &Outcome<'_>, others: usize) -> String {
    let place = if worst.place.is_empty() {
        String::new()
    } else {
        format!(" on {}", worst.place)
    };
    let text = worst.text.trim_end_matches('.');
    let more = match others {
        0 => String::new(),
        n => format!(
            "; {} not well either",
            many(n as f64, "other check is", "other checks are")
        ),
    };
    let colon = if text.is_empty() {
        String::new()
    } else {
        format!(": {text}")
    };
    format!("{}{place}{colon}{more}.", worst.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: Status) -> Outcome<'static> {
        Outcome {
            label: "Memory alarm",
            place: "rabbit@a",
            status,
            text: "memory 312 MB of 256 MB allowed",
        }
    }

    #[test]
    fn the_worst_check_speaks() {
        let outcomes = [outcome(Status::Ok), outcome(Status::Warning), outcome(Status::Critical)];
        let judged = judge(&outcomes, "Answers in 40 ms");
        assert_eq!(judged.verdict, Verdict::Broken);
        let expected = "Memory alarm on rabbit@a: memory 312 MB of 256 MB allowed; 1 other check is not well either.";
        assert_eq!(judged.sentence, expected);
        assert_eq!(judge(&outcomes[..2], "").verdict, Verdict::AtRisk);
    }

    #[test]
    fn unknown_checks_are_counted_and_never_called_passed() {
        let judged = judge(&[outcome(Status::Ok), outcome(Status::Unknown)], "Answers in 40 ms");
        assert_eq!(judged.verdict, Verdict::Ok);
        assert_eq!(
            judged.sentence,
            "Answers in 40 ms. 1 check passed, 1 could not be made."
        );
        assert_eq!(judge(&[outcome(Status::Unknown)], "x").verdict, Verdict::Unknown);
        assert_eq!(judge(&[], "Answers in 40 ms.").sentence, "Answers in 40 ms.");
    }
}
