//! What a threshold may be: the checks that the file and the page share.

use brokerscope_contract::{Comparison, FieldProblem, Rule};

use crate::names;

/// Longer waits than this are a mistake in the unit rather than a wish.
const LONGEST_WAIT_SECONDS: u32 = 7 * 86_400;

/// The rule with its name trimmed, or everything that is wrong with it by the rule's own field names.
pub fn check(mut rule: Rule) -> Result<Rule, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    match names::name(&rule.name) {
        Ok(name) => rule.name = name,
        Err((detail, remedy)) => problems.push(FieldProblem::new("name", detail, remedy)),
    }
    for (field, value) in [("fire", rule.fire), ("clear", rule.clear)] {
        if !value.is_finite() {
            problems.push(FieldProblem::new(field, "is not a number", "Give a plain number."));
        }
    }
    if let Some(problem) = wrong_side(&rule) {
        problems.push(problem);
    }
    for (field, seconds) in [
        ("for_seconds", rule.for_seconds),
        ("keep_firing_seconds", rule.keep_firing_seconds),
    ] {
        if seconds > LONGEST_WAIT_SECONDS {
            problems.push(FieldProblem::new(
                field,
                "is longer than a week",
                "Wait at most 604800 seconds.",
            ));
        }
    }
    if rule
        .scope
        .name_pattern
        .as_deref()
        .is_some_and(|pattern| pattern.trim().is_empty())
    {
        let remedy = "Leave it out to match every name, or write for example `orders.*`.";
        problems.push(FieldProblem::new("scope.name_pattern", "is empty", remedy));
    }
    if problems.is_empty() { Ok(rule) } else { Err(problems) }
}

/// The clear threshold has to be reached on the way back, so it may not lie beyond the fire threshold.
fn wrong_side(rule: &Rule) -> Option<FieldProblem> {
    let (wrong, side) = match rule.comparison {
        Comparison::Above => (rule.clear > rule.fire, "at or below"),
        Comparison::Below => (rule.clear < rule.fire, "at or above"),
    };
    wrong.then(|| {
        FieldProblem::new(
            "clear",
            format!("{} is on the firing side of {}", rule.clear, rule.fire),
            format!("Set it {side} {}.", rule.fire),
        )
    })
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::connection::Origin;
    use brokerscope_contract::{RuleId, Scope, Severity, metrics};

    use super::*;

    fn rule(comparison: Comparison, fire: f64, clear: f64) -> Rule {
        Rule {
            id: RuleId(0),
            name: "deep".into(),
            metric: metrics::DEPTH,
            scope: Scope::default(),
            comparison,
            fire,
            clear,
            for_seconds: 0,
            keep_firing_seconds: 0,
            severity: Severity::Warning,
            enabled: true,
            origin: Origin::Page,
        }
    }

    fn fields(rule: Rule) -> Vec<String> {
        let problems = check(rule).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn the_clear_threshold_is_on_the_calm_side_or_equal() {
        use Comparison::{Above, Below};
        for (comparison, fire, clear, expected) in [
            (Above, 100.0, 80.0, vec![]),
            (Above, 100.0, 100.0, vec![]),
            (Above, 100.0, 100.1, vec!["clear"]),
            (Below, 10.0, 20.0, vec![]),
            (Below, 10.0, 9.0, vec!["clear"]),
            (Above, f64::NAN, 1.0, vec!["fire"]),
            (Above, 1.0, f64::NEG_INFINITY, vec!["clear"]),
        ] {
            assert_eq!(
                fields(rule(comparison, fire, clear)),
                expected,
                "{comparison:?} {fire} {clear}"
            );
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut wrong = rule(Comparison::Above, 1.0, 2.0);
        wrong.name = "  ".into();
        wrong.for_seconds = 604_801;
        wrong.scope.name_pattern = Some(" ".into());
        assert_eq!(fields(wrong), ["name", "clear", "for_seconds", "scope.name_pattern"]);
    }
}
