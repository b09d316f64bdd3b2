//! Alerts in words: what, how much, the threshold, and for how long.

use brokerscope_contract::{Comparison, MetricId, MetricKind, Rule, Unit};
use brokerscope_figures::format::{bytes, count, duration, percent, rate};

use super::Reason;

/// "above 10,000 for 2 min": the condition of a rule.
pub fn condition(rule: &Rule) -> String {
    let held = match rule.for_seconds {
        0 => String::new(),
        seconds => format!(" for {}", duration(f64::from(seconds))),
    };
    format!("{} {}{held}", side(rule), value_of(rule.metric, rule.fire))
}

/// "Messages waiting is 12,480, above 10,000 for 2 min."; `held_seconds` is how long the condition has held.
pub fn fired(rule: &Rule, value: f64, held_seconds: f64) -> String {
    let held = if held_seconds > 0.0 {
        format!(" for {}", duration(held_seconds))
    } else {
        String::new()
    };
    let (label, value, fire) = (
        rule.metric.def().label,
        value_of(rule.metric, value),
        value_of(rule.metric, rule.fire),
    );
    format!("{label} is {value}, {} {fire}{held}.", side(rule))
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

fn side(rule: &Rule) -> &'static str {
    match rule.comparison {
        Comparison::Above => "above",
        Comparison::Below => "below",
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
