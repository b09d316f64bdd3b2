//! Round toggles for filters, as buttons or as links.

use leptos::prelude::*;

/// A toggle; pressed when `on`.
#[component]
pub fn Chip(
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] press: Callback<()>,
    #[prop(optional, into)] tip: Option<String>,
    children: Children,
) -> impl IntoView {
    let pressed = move || if on.get() { "true" } else { "false" };
    view! {
        <button type="button" class="chip" aria-pressed=pressed data-tip=tip on:click=move |_| press.run(())>
            {children()}
        </button>
    }
}

/// A chip that leads to another address.
#[component]
pub fn ChipLink(
    #[prop(into)] href: Signal<String>,
    #[prop(into)] on: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let current = move || on.get().then_some("true");
    view! { <a class="chip" href=href aria-current=current>{children()}</a> }
}
