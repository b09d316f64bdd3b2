//! The choice of the broker system, as cards.

use brokerscope_contract::api::connections::SystemView;
use leptos::prelude::*;

use super::draft::Draft;
use crate::reactive::derive;

#[component]
pub fn SystemCards(draft: Draft) -> impl IntoView {
    let systems = draft.systems.get_value();
    let cards = systems.iter().map(|view| card(draft, view)).collect_view();
    view! {
        <fieldset class="system-cards">
            <legend>"Which broker?"</legend>
            {cards}
        </fieldset>
    }
}

fn card(draft: Draft, view: &SystemView) -> impl IntoView + use<> {
    let system = view.system;
    let choose = move |_| draft.system.set(Some(system));
    view! {
        <label class="system-card">
            <input
                type="radio"
                name="system"
                value=system.slug()
                prop:checked=derive(move || draft.system.get() == Some(system))
                on:change=choose
            />
            <span class="name">{view.label.clone()}</span>
            <small>{system.needs()}</small>
        </label>
    }
}
