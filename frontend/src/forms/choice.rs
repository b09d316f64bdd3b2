//! Inputs that offer what there is: switches and lists of options.

use crate::reactive::{derive, effect, redrawn};
use leptos::html;
use leptos::prelude::*;

/// On or off, with its words beside it.
#[component]
pub fn Switch(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] changed: Callback<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// The words are read out only; something else on the page says them already.
    #[prop(optional)]
    bare: bool,
    /// Set anew when a change was refused: the switch goes back to where it was.
    #[prop(optional, into)]
    refused: Signal<bool>,
) -> impl IntoView {
    let described = format!("{id}-error {id}-help");
    let input = NodeRef::<html::Input>::new();
    effect(move || {
        if let (true, Some(input)) = (refused.get(), input.get()) {
            input.set_checked(on.get_untracked());
        }
    });
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                id=id
                node_ref=input
                prop:checked=on
                disabled=disabled
                aria-describedby=described
                on:change:target=move |event| changed.run(event.target().checked())
            />
            <span class="track" aria-hidden="true"></span>
            <span class=if bare { "vh" } else { "" }>{label}</span>
        </label>
    }
}

/// One of several options, each `(value, words)`.
#[component]
pub fn Select(
    #[prop(into)] id: String,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] changed: Callback<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] invalid: Signal<bool>,
) -> impl IntoView {
    let described = format!("{id}-error {id}-help");
    let option = move |(each, words): (String, String)| {
        let own = each.clone();
        view! { <option value=each selected=derive(move || value.get() == own)>{words}</option> }
    };
    view! {
        <select
            id=id
            disabled=disabled
            aria-describedby=described
            aria-invalid=derive(move || invalid.get().then_some("true"))
            on:change:target=move |event| changed.run(event.target().value())
        >
            {redrawn(move || options.get().into_iter().map(option).collect_view().into_any())}
        </select>
    }
}
