//! What firing means: how bad it is, what it is called, whether the rule is on.

use brokerscope_contract::Severity;
use leptos::prelude::*;

use super::draft::Draft;
use crate::forms::{Labelled, Switch, TextInput};
use crate::reactive::derive;

#[component]
pub fn Meaning(draft: Draft) -> impl IntoView {
    let severity = |severity: Severity, words: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="severity"
                    prop:checked=derive(move || draft.severity.get() == severity)
                    on:change=move |_| draft.severity.set(severity)
                    disabled=draft.is_fixed()
                />
                {words}
            </label>
        }
    };
    let problem = derive(move || draft.problems.of("name"));
    let suggestion = derive(move || draft.suggested_name());
    let changed = move |text: String| {
        draft.problems.forget("name");
        draft.name.set(text);
    };
    view! {
        <fieldset class="meaning">
            <legend>"Then it is"</legend>
            <span class="radios">
                {severity(Severity::Warning, "Warning")} {severity(Severity::Critical, "Critical")}
            </span>
            <Labelled id="rule-name" label="Name of the rule" problem class="wide">
                <TextInput id="rule-name" value=draft.name changed problem placeholder=suggestion readonly=draft.is_fixed() />
            </Labelled>
            <Switch
                id="rule-enabled"
                label="The rule is on"
                on=draft.enabled
                changed=move |on| draft.enabled.set(on)
                disabled=draft.is_fixed()
            />
        </fieldset>
    }
    .into_any()
}
