//! Wires the page together: provides the state, draws the shell, and chooses the page by the address.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::pages;
use crate::route::Route;
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
    let route = use_address().route();
    view! { <Shell>{move || page(route.get())}</Shell> }
}

/// Each page is made anew when its address changes; a page with an id gets that id as a plain value.
fn page(route: Route) -> AnyView {
    use pages::*;
    match route {
        Route::Overview => view! { <Overview /> }.into_any(),
        Route::Topology => view! { <Topology /> }.into_any(),
        Route::Destinations => view! { <Queues table=crate::api::entities::Table::Destinations /> }.into_any(),
        Route::Subscriptions => view! { <Queues table=crate::api::entities::Table::Subscriptions /> }.into_any(),
        Route::Entity(id) => view! { <Entity id /> }.into_any(),
        Route::Alerts => view! { <Alerts /> }.into_any(),
        Route::RuleNew => view! { <RuleEditor id=None /> }.into_any(),
        Route::Rule(id) => view! { <RuleEditor id=Some(id) /> }.into_any(),
        Route::Health => view! { <Health /> }.into_any(),
        Route::Faults => view! { <Faults /> }.into_any(),
        Route::Connections => view! { <Connections /> }.into_any(),
        Route::ConnectionNew => view! { <ConnectionForm id=None /> }.into_any(),
        Route::Connection(id) => view! { <ConnectionForm id=Some(id) /> }.into_any(),
        Route::NotFound => view! { <NotFound /> }.into_any(),
    }
}
