//! Alerts in words: what, how much, the threshold, and for how long.

use brokerscope_contract::{Comparison, MetricId, MetricKind, Rule, Unit};
use brokerscope_figures::format::{bytes, count, duration, percent, rate};

use super::eval::{clears, fires};
use super::{Phase, Reason, State};

/// "above 10,000 for 2 min": the condition of a rule.
pub fn condition(rule: &Rule) -> String {
    let held = match rule.for_seconds {
        0 => String::new(),
        seconds => format!(" for {}", duration(f64::from(seconds))),
    };
    format!("{}{held}", beyond(rule))
}

/// What an alert that has not ended says: "Messages waiting is 12,480, above 10,000 for 2 min."
///
/// It speaks of the last judged value and counts only up to that point: what came after it nobody knows yet.
pub fn active(rule: &Rule, state: &State) -> String {
    let label = rule.metric.def().label;
    let Some(value) = state.value else {
        return format!("{label} was {}.", condition(rule));
    };
    let said = value_of(rule.metric, value);
    if fires(rule, value) {
        return format!("{label} is {said}, {}{}.", beyond(rule), held(state));
    }
    if clears(rule, value) {
        return format!("{label} is back at {said}{}.", still_to_hold(rule, state));
    }
    let (way, clear) = (way_back(rule), value_of(rule.metric, rule.clear));
    format!(
        "{label} is {said}, no longer {} and not yet {way} {clear}.",
        beyond(rule)
    )
}

/// " for 12 min": how long the value has been beyond the threshold without a break.
fn held(state: &State) -> String {
    let seconds = state
        .held_since
        .zip(state.judged_at)
        .map_or(0.0, |(since, judged)| judged.seconds_since(since));
    if seconds > 0.0 {
        format!(" for {}", duration(seconds))
    } else {
        String::new()
    }
}

/// "; the alert ends if it stays so for 2 min more": what is left of the wait for the end.
fn still_to_hold(rule: &Rule, state: &State) -> String {
    let passed = match (state.phase, state.judged_at) {
        (Phase::Recovering { clear_at, .. }, Some(judged)) => judged.seconds_since(clear_at),
        _ => 0.0,
    };
    let left = f64::from(rule.keep_firing_seconds) - passed;
    if left > 0.0 {
        format!("; the alert ends if it stays so for {} more", duration(left))
    } else {
        String::new()
    }
}

/// "Messages waiting is back at 7,800; the alert fired for 41 min."
pub fn resolved(rule: &Rule, value: Option<f64>, reason: Reason, fired_seconds: f64) -> String {
    let label = rule.metric.def().label;
    let long = duration(fired_seconds.max(0.0));
    match (reason, value) {
        (Reason::Cleared, Some(value)) => {
            format!(
                "{label} is back at {}; the alert fired for {long}.",
                value_of(rule.metric, value)
            )
        }
        (Reason::Cleared, None) => format!("{label} is back to normal; the alert fired for {long}."),
        (Reason::SeriesGone, _) => format!("The broker no longer has it; the alert fired for {long}."),
        (Reason::RuleChanged, _) => format!("The rule no longer watches it; the alert fired for {long}."),
        (Reason::ConnectionLeft, _) => {
            format!("Its connection was removed or paused; the alert fired for {long}.")
        }
    }
}

/// "above 10,000"
fn beyond(rule: &Rule) -> String {
    let side = match rule.comparison {
        Comparison::Above => "above",
        Comparison::Below => "below",
    };
    format!("{side} {}", value_of(rule.metric, rule.fire))
}

fn way_back(rule: &Rule) -> &'static str {
    match rule.comparison {
        Comparison::Above => "down to",
        Comparison::Below => "up to",
    }
}

/// A value of this metric as people read it; a counter's value is a rate.
fn value_of(metric: MetricId, value: f64) -> String {
    let def = metric.def();
    match (def.kind, def.unit) {
        (MetricKind::Counter, Unit::Bytes) => format!("{}/s", bytes(value)),
        (MetricKind::Counter, _) => rate(value),
        (MetricKind::Gauge, Unit::Bytes) => bytes(value),
        (MetricKind::Gauge, Unit::Seconds) => duration(value),
        (MetricKind::Gauge, Unit::Ratio) => percent(value),
        (MetricKind::Gauge, Unit::Messages | Unit::Count | Unit::Offset) => count(value),
    }
}
