//! One destination or subscription: verdict, charts, parts, settings, neighbours.

use brokerscope_contract::EntityId;
use leptos::prelude::*;

#[component]
pub fn Entity(id: EntityId) -> impl IntoView {
    view! { <h1>{id.0}</h1> }
}
