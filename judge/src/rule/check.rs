//! What a threshold may be.

use brokerscope_contract::{Comparison, FieldProblem, Rule};

/// A longer wait is a mistake in the unit rather than a wish.
const LONGEST_WAIT_SECONDS: u32 = 7 * 86_400;

const LONGEST_NAME: usize = 200;

/// Broker names have at most 255 bytes; a pattern may say as much about each of them.
const LONGEST_PATTERN: usize = 300;

/// Everything that is wrong with a rule, by its own field names. Empty: the rule can be saved.
pub fn problems(rule: &Rule) -> Vec<FieldProblem> {
    [name(rule), fire(rule), clear(rule), pattern(rule)]
        .into_iter()
        .flatten()
        .chain(waits(rule))
        .collect()
}

fn name(rule: &Rule) -> Option<FieldProblem> {
    let name = rule.name.trim();
    let (detail, remedy) = if name.is_empty() {
        (
            "is empty",
            "Give the rule a name that says what is wrong when it fires.",
        )
    } else if name.chars().count() > LONGEST_NAME {
        ("is too long", "Use at most 200 characters.")
    } else if name.chars().any(char::is_control) {
        (
            "holds characters that cannot be shown",
            "Leave out tabs, line breaks and other control characters.",
        )
    } else {
        return None;
    };
    Some(FieldProblem::new("name", detail, remedy))
}

/// No metric is ever negative, so some thresholds fire always or never.
fn fire(rule: &Rule) -> Option<FieldProblem> {
    if !rule.fire.is_finite() {
        return Some(FieldProblem::new(
            "fire",
            "is not a number",
            "Give a plain number such as 1000.",
        ));
    }
    let (detail, remedy) = match rule.comparison {
        Comparison::Above if rule.fire < 0.0 => (
            "would always fire: no value is below zero",
            "Give zero or a positive number.",
        ),
        Comparison::Below if rule.fire <= 0.0 => {
            ("would never fire: no value is below zero", "Give a number above zero.")
        }
        _ => return None,
    };
    Some(FieldProblem::new("fire", detail, remedy))
}

/// The clear threshold has to be reached on the way back, so it may not lie beyond the fire threshold.
fn clear(rule: &Rule) -> Option<FieldProblem> {
    if !rule.clear.is_finite() {
        return Some(FieldProblem::new(
            "clear",
            "is not a number",
            "Give a plain number such as 800.",
        ));
    }
    let (wrong, side) = match rule.comparison {
        Comparison::Above => (rule.clear > rule.fire, "at or below"),
        Comparison::Below => (rule.clear < rule.fire, "at or above"),
    };
    if wrong {
        let detail = format!("{} is on the firing side of {}", rule.clear, rule.fire);
        return Some(FieldProblem::new(
            "clear",
            detail,
            format!("Set it {side} {}.", rule.fire),
        ));
    }
    (rule.comparison == Comparison::Above && rule.clear < 0.0).then(|| {
        FieldProblem::new(
            "clear",
            "would never be reached: no value is below zero",
            "Give zero or a positive number.",
        )
    })
}

fn waits(rule: &Rule) -> impl Iterator<Item = FieldProblem> {
    [
        ("for_seconds", rule.for_seconds),
        ("keep_firing_seconds", rule.keep_firing_seconds),
    ]
    .into_iter()
    .filter(|(_, seconds)| *seconds > LONGEST_WAIT_SECONDS)
    .map(|(field, _)| FieldProblem::new(field, "is longer than a week", "Wait at most 604800 seconds."))
}

fn pattern(rule: &Rule) -> Option<FieldProblem> {
    let pattern = rule.scope.name_pattern.as_deref()?;
    let (detail, remedy) = if pattern.trim().is_empty() {
        (
            "is empty",
            "Leave it out to match every name, or write for example `orders.*`.",
        )
    } else if pattern.chars().count() > LONGEST_PATTERN {
        ("is too long", "Use at most 300 characters.")
    } else {
        return None;
    };
    Some(FieldProblem::new("scope.name_pattern", detail, remedy))
}
