//! Inputs for text: one line, several lines, secrets, numbers.

use crate::reactive::derive;
use brokerscope_contract::FieldProblem;
use leptos::prelude::*;

/// One line of text.
#[component]
pub fn TextInput(
    #[prop(into)] id: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] changed: Callback<String>,
    #[prop(into)] problem: Signal<Option<FieldProblem>>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(default = "text")] kind: &'static str,
    /// What keyboard a phone shows: `numeric`, `decimal`, `url`.
    #[prop(optional)]
    keyboard: Option<&'static str>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] readonly: Signal<bool>,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    if autofocus {
        focus_when_drawn(input);
    }
    let described = format!("{id}-error {id}-help");
    // Browsers fill in what they have saved; the broker's password is not the page's.
    let complete = if kind == "password" { "new-password" } else { "off" };
    view! {
        <input
            node_ref=input
            id=id
            type=kind
            inputmode=keyboard
            autocomplete=complete
            autocapitalize="off"
            spellcheck="false"
            placeholder=placeholder
            readonly=readonly
            prop:value=value
            aria-describedby=described
            aria-invalid=derive(move || problem.get().map(|_| "true"))
            on:input:target=move |event| changed.run(event.target().value())
        />
    }
}

/// Several lines of text; grows with what is in it.
#[component]
pub fn Lines(
    #[prop(into)] id: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] changed: Callback<String>,
    #[prop(into)] problem: Signal<Option<FieldProblem>>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(optional, into)] readonly: Signal<bool>,
    /// Rows when empty.
    #[prop(default = 2)]
    least: usize,
) -> impl IntoView {
    let rows = move || value.with(|text| text.split('\n').count().clamp(least, 12));
    let described = format!("{id}-error {id}-help");
    view! {
        <textarea
            id=id
            rows=rows
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            placeholder=placeholder
            readonly=readonly
            prop:value=value
            aria-describedby=described
            aria-invalid=derive(move || problem.get().map(|_| "true"))
            on:input:target=move |event| changed.run(event.target().value())
        ></textarea>
    }
}

fn focus_when_drawn(input: NodeRef<leptos::html::Input>) {
    Effect::new(move |done: Option<bool>| {
        let Some(input) = input.get() else { return false };
        if done != Some(true) {
            request_animation_frame(move || drop(input.focus()));
        }
        true
    });
}
