//! What needs a person, in words first; then every connection, then the destinations, worst first.

use leptos::prelude::*;

#[component]
pub fn Overview() -> impl IntoView {
    view! { <h1>"Overview"</h1> }
}
