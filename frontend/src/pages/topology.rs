//! The live graph of services, destinations and subscriptions.

use leptos::prelude::*;

#[component]
pub fn Topology() -> impl IntoView {
    view! { <h1>"Topology"</h1> }
}
