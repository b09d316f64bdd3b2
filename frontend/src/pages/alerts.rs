//! What fires now, what fired before, and the rules.

use leptos::prelude::*;

#[component]
pub fn Alerts() -> impl IntoView {
    view! { <h1>"Alerts"</h1> }
}
