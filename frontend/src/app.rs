//! Wires the page together: provides the state, draws the shell, and chooses the page by the address.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::parts::Parts;
use crate::shell::Shell;
use crate::state::clock::Ticking;
use crate::state::{Address, Live, News, Range, Themed, use_address};

/// Replaces the content of `#app`, or of the body when there is none.
pub fn mount() {
    let place = document()
        .get_element_by_id("app")
        .and_then(|place| place.dyn_into().ok());
    let Some(place) = place.or_else(|| document().body()) else {
        return;
    };
    place.set_inner_html("");
    leptos::mount::mount_to(place, App).forget();
}

#[component]
fn App() -> impl IntoView {
    provide_context(Address::start());
    provide_context(Themed::start());
    provide_context(Ticking::start());
    provide_context(Range::start());
    provide_context(Live::start());
    provide_context(News::start());
    let parts = Parts::start();
    let route = use_address().route();
    // Each page is made anew when its address changes; a page with an id gets that id as a plain value.
    view! { <Shell>{move || parts.page(route.get())}</Shell> }
}
