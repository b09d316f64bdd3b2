//! Health checks per connection and node, with meaning, remedy and history.

use leptos::prelude::*;

#[component]
pub fn Health() -> impl IntoView {
    view! { <h1>"Health"</h1> }
}
