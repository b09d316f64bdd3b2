//! A rule while it is being written: text as typed, and the rule that it stands for.

use brokerscope_contract::api::entities::EntityDetail;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::rule::RuleId;
use brokerscope_contract::{Comparison, FieldProblem, MetricId, Rule, Scope, Severity};
use leptos::prelude::*;

use super::suggest;
use crate::forms::{Problems, duration, number};
use crate::pages::alerts::quantity_of;

#[derive(Debug, Clone, Copy)]
pub struct Draft {
    pub id: RuleId,
    pub origin: Origin,
    pub name: RwSignal<String>,
    pub metric: RwSignal<MetricId>,
    pub scope: RwSignal<Scope>,
    pub comparison: RwSignal<Comparison>,
    pub fire: RwSignal<String>,
    pub clear: RwSignal<String>,
    pub for_text: RwSignal<String>,
    pub keep_text: RwSignal<String>,
    pub severity: RwSignal<Severity>,
    pub enabled: RwSignal<bool>,
    pub problems: Problems,
    /// The one entity that the rule is about, or was about when the page was opened.
    pub subject: StoredValue<Option<EntityRef>>,
    /// The metrics that the subject has; empty without one.
    pub metrics: StoredValue<Vec<MetricId>>,
    /// Nobody has set a threshold yet: the next preview may suggest a pair.
    pub guess_due: RwSignal<bool>,
    /// A threshold was set by hand.
    hand_set: RwSignal<bool>,
    clean: StoredValue<Option<Rule>>,
}

impl Draft {
    pub fn new(metric: MetricId, entity: Option<&EntityDetail>) -> Draft {
        let (fire, clear) = suggest::without_data(metric);
        let rule = Rule {
            id: RuleId(0),
            name: String::new(),
            metric,
            scope: Scope {
                entity: entity.map(|entity| entity.row.entity.id),
                ..Scope::default()
            },
            comparison: Comparison::Above,
            fire,
            clear,
            for_seconds: 60,
            keep_firing_seconds: 0,
            severity: Severity::Warning,
            enabled: true,
            origin: Origin::Page,
        };
        let draft = Draft::of_rule(&rule, entity);
        draft.guess_due.set(true);
        draft
    }

    pub fn of_rule(rule: &Rule, entity: Option<&EntityDetail>) -> Draft {
        let metrics = entity.map(|entity| entity.metrics.iter().map(|view| view.metric).collect());
        let draft = Draft {
            id: rule.id,
            origin: rule.origin,
            name: RwSignal::new(rule.name.clone()),
            metric: RwSignal::new(rule.metric),
            scope: RwSignal::new(rule.scope.clone()),
            comparison: RwSignal::new(rule.comparison),
            fire: RwSignal::new(number::typed(rule.fire)),
            clear: RwSignal::new(number::typed(rule.clear)),
            for_text: RwSignal::new(duration::typed(rule.for_seconds)),
            keep_text: RwSignal::new(duration::typed(rule.keep_firing_seconds)),
            severity: RwSignal::new(rule.severity),
            enabled: RwSignal::new(rule.enabled),
            problems: Problems::none(),
            subject: StoredValue::new(entity.map(|entity| entity.row.entity.clone())),
            metrics: StoredValue::new(metrics.unwrap_or_default()),
            guess_due: RwSignal::new(false),
            hand_set: RwSignal::new(rule.id.0 != 0),
            clean: StoredValue::new(None),
        };
        draft.saved();
        draft
    }

    /// The rule as it stands, or what cannot be read; tracked.
    pub fn rule(self) -> Result<Rule, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut amount = |field: &str, text: String| {
            number::read(&text).unwrap_or_else(|| {
                problems.push(FieldProblem::new(
                    field,
                    "is not a number",
                    "Write for example 10,000 or 2.5k.",
                ));
                0.0
            })
        };
        let (fire, clear) = (amount("fire", self.fire.get()), amount("clear", self.clear.get()));
        let mut length = |field: &str, text: String| {
            duration::seconds(&text).unwrap_or_else(|| {
                problems.push(FieldProblem::new(
                    field,
                    "is not a length of time",
                    "Write for example 2 min.",
                ));
                0
            })
        };
        let for_seconds = length("for_seconds", self.for_text.get());
        let keep_firing_seconds = length("keep_firing_seconds", self.keep_text.get());
        let name = match self.name.get().trim() {
            "" => self.suggested_name(),
            name => name.to_string(),
        };
        let rule = Rule {
            id: self.id,
            name,
            metric: self.metric.get(),
            scope: self.scope.get(),
            comparison: self.comparison.get(),
            fire,
            clear,
            for_seconds,
            keep_firing_seconds,
            severity: self.severity.get(),
            enabled: self.enabled.get(),
            origin: self.origin,
        };
        if problems.is_empty() { Ok(rule) } else { Err(problems) }
    }

    /// "Messages waiting above 10,000: orders.created"; tracked.
    pub fn suggested_name(self) -> String {
        let metric = self.metric.get();
        let beyond = match self.comparison.get() {
            Comparison::Above => "above",
            Comparison::Below => "below",
        };
        let value = number::read(&self.fire.get())
            .map(|fire| quantity_of(metric).write(fire))
            .unwrap_or_default();
        let about = self.scope.with(|scope| match scope.entity {
            Some(_) => self
                .subject
                .with_value(|subject| subject.as_ref().map(|entity| entity.title().to_string())),
            None => scope.name_pattern.clone(),
        });
        let about = about.map(|about| format!(": {about}")).unwrap_or_default();
        format!("{} {beyond} {value}{about}", metric.def().label)
    }

    /// Sets both thresholds; the other one gives way when they would cross.
    pub fn set_fire(self, value: f64) {
        self.touched();
        self.fire.set(number::typed(value));
        if let Some(clear) = number::read(&self.clear.get_untracked())
            && self.crosses(value, clear)
        {
            self.clear.set(number::typed(value));
        }
    }

    pub fn set_clear(self, value: f64) {
        self.touched();
        let fire = number::read(&self.fire.get_untracked());
        let held = fire.filter(|fire| self.crosses(*fire, value)).unwrap_or(value);
        self.clear.set(number::typed(held));
    }

    fn crosses(self, fire: f64, clear: f64) -> bool {
        match self.comparison.get_untracked() {
            Comparison::Above => clear > fire,
            Comparison::Below => clear < fire,
        }
    }

    /// Another value is watched: thresholds that nobody has chosen are found anew.
    pub fn set_metric(self, metric: MetricId) {
        self.metric.set(metric);
        if !self.hand_set.get_untracked() {
            let (fire, clear) = suggest::without_data(metric);
            self.fire.set(number::typed(fire));
            self.clear.set(number::typed(clear));
            self.guess_due.set(true);
        }
    }

    /// A threshold was typed or moved.
    pub fn touched(self) {
        self.guess_due.set(false);
        self.hand_set.set(true);
        self.problems.forget("fire");
        self.problems.forget("clear");
    }

    pub fn is_dirty(self) -> bool {
        let now = untrack(|| self.rule().ok());
        self.clean.with_value(|clean| *clean != now)
    }

    /// What it is now counts as saved.
    pub fn saved(self) {
        self.clean.set_value(untrack(|| self.rule().ok()));
    }

    pub fn is_fixed(self) -> bool {
        self.origin == Origin::File
    }
}
