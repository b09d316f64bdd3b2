//! The configured connections: their state, pause, edit, delete.

use leptos::prelude::*;

#[component]
pub fn Connections() -> impl IntoView {
    view! { <h1>"Connections"</h1> }
}
