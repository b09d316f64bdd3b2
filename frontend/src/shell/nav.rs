//! The navigation: a column on a desk, a bar at the bottom of a phone.

use leptos::prelude::*;

use crate::components::{Icon, Symbol};
use crate::route::Route;
use crate::state::use_address;

/// The entries in order, each with its symbol.
const ENTRIES: &[(Route, &str, Symbol)] = &[
    (Route::Overview, "Overview", Symbol::Overview),
    (Route::Topology, "Topology", Symbol::Topology),
    (Route::Destinations, "Queues", Symbol::Queues),
    (Route::Alerts, "Alerts", Symbol::Alerts),
    (Route::Health, "Health", Symbol::Health),
    (Route::Connections, "Connections", Symbol::Connections),
];

#[component]
pub fn Nav() -> impl IntoView {
    let route = use_address().route();
    let entries = ENTRIES.iter().map(|&(to, label, symbol)| {
        let current = move || (route.get().section() == to).then_some("page");
        view! {
            <a href=to.path() aria-current=current>
                <Icon symbol />
                {label}
            </a>
        }
    });
    view! { <nav aria-label="Main">{entries.collect_view()}</nav> }
}
