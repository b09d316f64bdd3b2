//! The settings of the broker object that explain how it behaves.

use crate::reactive::memo;
use brokerscope_contract::Attribute;
use leptos::prelude::*;

use super::Detail;
use crate::components::Clock;

#[component]
pub fn SettingsOf(detail: Detail) -> impl IntoView {
    let attributes = memo(move || detail.with(|detail| detail.attributes.clone()));
    let first = memo(move || detail.with(|detail| detail.first_seen));
    let last = memo(move || detail.with(|detail| detail.last_seen));
    view! {
        <h2>"Settings and facts"</h2>
        <div class="card panel">
            <dl class="attributes">
                {move || attributes.get().into_iter().map(line).collect_view()}
                <div><dt>"Seen by Brokerscope"</dt><dd>"first "<Clock at=first />", last "<Clock at=last /></dd></div>
            </dl>
        </div>
    }
    .into_any()
}

fn line(attribute: Attribute) -> AnyView {
    view! {
        <div>
            <dt class="path">{attribute.name}</dt>
            <dd>
                <bdi class="path">{attribute.value}</bdi>
                {attribute.note.map(|note| view! { <small>{note}</small> })}
            </dd>
        </div>
    }
    .into_any()
}
