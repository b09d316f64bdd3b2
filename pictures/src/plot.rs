//! What a picture shows.

use brokerscope_contract::api::rules::Firing;
use brokerscope_contract::api::series::Line;
use brokerscope_contract::{Comparison, Severity, Timestamp};

/// One figure over a span of time, with the rule that watches it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot<'a> {
    /// What fired, e.g. "Deep queue".
    pub title: &'a str,
    /// On what: "orders · rabbit-eu".
    pub subject: &'a str,
    /// One sentence with the number and the threshold.
    pub sentence: &'a str,
    pub from: Timestamp,
    pub to: Timestamp,
    pub line: &'a Line,
    pub threshold: Threshold,
    pub severity: Severity,
    /// When it fired; without an end it fires still.
    pub firings: &'a [Firing],
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// `None` when the rule is no longer there, and it is not known on which side it fires.
    pub comparison: Option<Comparison>,
    pub fire: f64,
    /// `None` when it is not known.
    pub clear: Option<f64>,
}
