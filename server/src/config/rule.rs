//! `[[rule]]`: an alert threshold.

use std::time::Duration;

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Comparison, EntityKind, MetricId, Rule, RuleId, Scope, Severity, System, metrics};
use toml::Spanned;

use super::model::DeclaredRule;
use super::outside::Outside;
use super::section::Section;
use crate::{rules, suggest};

const SEVERITIES: &[(&str, Severity)] = &[("warning", Severity::Warning), ("critical", Severity::Critical)];

pub fn read(sections: Vec<Section<'_>>, outside: &Outside<'_>) -> Vec<DeclaredRule> {
    let mut rules: Vec<DeclaredRule> = Vec::new();
    for section in sections {
        if let Some(declared) = read_one(section, outside, &rules) {
            rules.push(declared);
        }
    }
    rules
}

fn read_one(mut section: Section<'_>, outside: &Outside<'_>, before: &[DeclaredRule]) -> Option<DeclaredRule> {
    let name = section.text("name", outside);
    match &name {
        None => section.note_missing("name", "is missing", "Add name = \"…\" to this [[rule]]."),
        Some(name) if before.iter().any(|other| other.rule.name == name.get_ref().trim()) => {
            let detail = format!("another rule is called \"{}\" already", name.get_ref());
            section.note(&name.span(), "name", detail, "Give each rule a name of its own.");
        }
        Some(_) => {}
    }
    if let Some(name) = &name {
        section.named(name.get_ref());
    }
    let metric = metric(&mut section, outside);
    let threshold = threshold(&mut section);
    let clear = section.number("clear");
    let wait = seconds(&mut section, "for");
    let keep_firing = seconds(&mut section, "keep_firing_for");
    let severity = section.choice("severity", SEVERITIES).unwrap_or(Severity::Warning);
    let enabled = section.switch("enabled").unwrap_or(true);
    let connection = section.text("connection", outside).map(Spanned::into_inner);
    let scope = Scope {
        connection: None,
        system: section.choice("system", &systems()),
        kind: section.choice("kind", &kinds()),
        entity: None,
        name_pattern: section.text("match", outside).map(Spanned::into_inner),
    };
    let rule = name
        .zip(metric)
        .zip(threshold)
        .map(|((name, metric), (comparison, fire))| Rule {
            id: RuleId(0),
            name: name.into_inner(),
            metric,
            scope,
            comparison,
            fire,
            clear: clear.as_ref().map_or(fire, |clear| *clear.get_ref()),
            for_seconds: wait.unwrap_or(0),
            keep_firing_seconds: keep_firing.unwrap_or(0),
            severity,
            enabled,
            origin: Origin::File,
        });
    let rule = rule.and_then(|rule| checked(&mut section, rule));
    section.finish();
    rule.map(|rule| DeclaredRule { rule, connection })
}

fn metric(section: &mut Section<'_>, outside: &Outside<'_>) -> Option<MetricId> {
    let Some(name) = section.text("metric", outside) else {
        section.note_missing(
            "metric",
            "is missing",
            "Add metric = \"…\", for example \"depth\" or \"lag_seconds\".",
        );
        return None;
    };
    let metric = MetricId::parse(name.get_ref());
    if metric.is_none() {
        let near = suggest::closest(name.get_ref(), metrics::all().map(|def| def.id.name()));
        let remedy = near.map_or("GET /api/v1/metrics lists every metric.".to_string(), |near| {
            format!("Did you mean `{near}`?")
        });
        section.note(
            &name.span(),
            "metric",
            format!("there is no metric `{}`", name.get_ref()),
            remedy,
        );
    }
    metric
}

/// Exactly one of `above` and `below`.
fn threshold(section: &mut Section<'_>) -> Option<(Comparison, f64)> {
    let both = section.item("above").is_some() && section.item("below").is_some();
    let neither = section.item("above").is_none() && section.item("below").is_none();
    if both || neither {
        let detail = if both {
            "`above` and `below` are both given"
        } else {
            "the threshold is missing"
        };
        section.note_missing("above", detail, "Give exactly one: above = NUMBER, or below = NUMBER.");
        return None;
    }
    let above = section.number("above").map(|n| (Comparison::Above, n.into_inner()));
    above.or_else(|| section.number("below").map(|n| (Comparison::Below, n.into_inner())))
}

fn seconds(section: &mut Section<'_>, key: &'static str) -> Option<u32> {
    let given: Spanned<Duration> = section.duration(key)?;
    // Far too long ones are refused with the rest of the rule's checks.
    Some(u32::try_from(given.get_ref().as_secs()).unwrap_or(u32::MAX))
}

/// The checks that the page's rules get too, with their field names turned into this file's keys.
fn checked(section: &mut Section<'_>, rule: Rule) -> Option<Rule> {
    let fire = if rule.comparison == Comparison::Above {
        "above"
    } else {
        "below"
    };
    match rules::check(rule) {
        Ok(rule) => Some(rule),
        Err(problems) => {
            for problem in problems {
                let key = match problem.field.as_str() {
                    "fire" => fire,
                    "for_seconds" => "for",
                    "keep_firing_seconds" => "keep_firing_for",
                    "scope.name_pattern" => "match",
                    "clear" => "clear",
                    _ => "name",
                };
                match section.item(key) {
                    Some(item) => section.note_item(item, key, problem.detail, problem.remedy),
                    None => section.note_missing(key, problem.detail, problem.remedy),
                }
            }
            None
        }
    }
}

fn systems() -> Vec<(&'static str, System)> {
    System::ALL.iter().map(|system| (system.slug(), *system)).collect()
}

fn kinds() -> Vec<(&'static str, EntityKind)> {
    EntityKind::ALL.iter().map(|kind| (kind.slug(), *kind)).collect()
}
