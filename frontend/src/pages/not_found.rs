//! The page for an address that leads nowhere.

use leptos::prelude::*;

use crate::route::Route;

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <h1>"Nothing is here"</h1>
        <p class="sub">
            "This address does not belong to any page. " <a class="link" href=Route::Overview.path()>"To the overview"</a>
        </p>
    }
}
