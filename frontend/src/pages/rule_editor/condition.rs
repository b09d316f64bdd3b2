//! When the rule fires and when it clears: value, thresholds, waits.

use brokerscope_contract::{Comparison, FieldProblem, MetricDef, MetricId, metrics};
use leptos::prelude::*;

use super::draft::Draft;
use super::threshold::ThresholdInput;
use crate::forms::{Labelled, Select, TextInput, number};
use crate::reactive::derive;

/// Which value, beyond what, for how long.
#[component]
pub fn Condition(draft: Draft) -> impl IntoView {
    let metric = derive(move || draft.metric.get().name().to_string());
    let set_metric = move |name: String| {
        if let Some(metric) = MetricId::parse(&name) {
            draft.set_metric(metric);
        }
    };
    let comparison = derive(move || match draft.comparison.get() {
        Comparison::Above => "above".to_string(),
        Comparison::Below => "below".to_string(),
    });
    let set_comparison = move |word: String| {
        let above = word == "above";
        draft
            .comparison
            .set(if above { Comparison::Above } else { Comparison::Below });
        swap_if_crossed(draft);
    };
    let sides = vec![("above".into(), "above".into()), ("below".into(), "below".into())];
    let disabled = draft.is_fixed();
    let meaning = move || draft.metric.get().def().meaning;
    view! {
        <fieldset class="condition">
            <legend>"When"</legend>
            <Labelled id="rule-metric" label="Value" required=true problem=None class="wide">
                <Select id="rule-metric" options=metric_options(draft) value=metric changed=set_metric disabled />
                <p class="field-help">{meaning}</p>
            </Labelled>
            <Labelled id="rule-comparison" label="is" required=true problem=None>
                <Select id="rule-comparison" options=sides value=comparison changed=set_comparison disabled />
            </Labelled>
            <ThresholdInput
                draft
                field="fire"
                label="Fire at"
                help="Arrow keys move the line."
                value=draft.fire
                set=move |value| draft.set_fire(value)
            />
            <Wait draft field="for_seconds" label="for" help="It must hold this long." value=draft.for_text />
            <ThresholdInput
                draft
                field="clear"
                label="Clear at"
                help="It must come back to here before it clears."
                value=draft.clear
                set=move |value| draft.set_clear(value)
            />
            <Wait draft field="keep_firing_seconds" label="and stay for" help="Before it ends." value=draft.keep_text />
        </fieldset>
    }
    .into_any()
}

/// A threshold pair made for the other side is turned round.
fn swap_if_crossed(draft: Draft) {
    let read = |text: RwSignal<String>| number::read(&text.get_untracked());
    let (Some(fire), Some(clear)) = (read(draft.fire), read(draft.clear)) else {
        return;
    };
    let crossed = match draft.comparison.get_untracked() {
        Comparison::Above => clear > fire,
        Comparison::Below => clear < fire,
    };
    if crossed {
        let (fire, clear) = (draft.fire.get_untracked(), draft.clear.get_untracked());
        draft.fire.set(clear);
        draft.clear.set(fire);
    }
}

fn metric_options(draft: Draft) -> Vec<(String, String)> {
    let own = draft.metrics.get_value();
    let present = draft.metric.get_untracked();
    let offered = metrics::all().filter(|def| own.is_empty() || own.contains(&def.id) || def.id == present);
    let option = |def: &MetricDef| {
        let label = match def.system {
            Some(system) => format!("{}: {}", system.label(), def.label),
            None => def.label.to_string(),
        };
        (def.id.name().to_string(), label)
    };
    offered.map(option).collect()
}

#[component]
fn Wait(
    draft: Draft,
    field: &'static str,
    label: &'static str,
    help: &'static str,
    value: RwSignal<String>,
) -> impl IntoView {
    let problem = derive(move || {
        let unread = || {
            draft
                .rule()
                .err()?
                .into_iter()
                .find(|problem: &FieldProblem| problem.field == field)
        };
        draft.problems.of(field).or_else(unread)
    });
    let changed = move |text: String| {
        draft.problems.forget(field);
        value.set(text);
    };
    let id = format!("rule-{field}");
    view! {
        <Labelled id=id.clone() label help problem>
            <TextInput id value changed problem placeholder="at once" readonly=draft.is_fixed() />
        </Labelled>
    }
}
