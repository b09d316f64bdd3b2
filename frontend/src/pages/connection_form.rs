//! Adding or changing one connection: form, live test, save.

use brokerscope_contract::ConnectionId;
use leptos::prelude::*;

#[component]
pub fn ConnectionForm(id: Option<ConnectionId>) -> impl IntoView {
    let _ = id;
    view! { <h1>"Connection"</h1> }
}
