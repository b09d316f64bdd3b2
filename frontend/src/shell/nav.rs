//! The navigation: a column on a desk, a bar at the bottom of a phone.

use brokerscope_contract::api::overview::ProcessView;
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::components::{Icon, Symbol};
use crate::reactive::when;
use crate::route::Route;
use crate::state::{use_address, use_live, use_news};

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
    let news = use_news();
    let process = move || news.get().map(|overview| process_line(&overview.process));
    view! {
        <nav class="nav" aria-label="Main">
            <a class="brand" href=Route::Overview.path()>
                <Logo />
                "Brokerscope"
            </a>
            {ENTRIES.iter().map(|&(to, label, symbol)| entry(to, label, symbol)).collect_view()}
            {when(move || news.demo_runs(), || entry(Route::Faults, "Faults", Symbol::Warning))}
            <p class="foot num">{process}</p>
        </nav>
    }
}

fn entry(to: Route, label: &'static str, symbol: Symbol) -> AnyView {
    let route = use_address().route();
    let current = move || (route.get().section() == to).then_some("page");
    let count = (to == Route::Alerts).then(|| view! { <FiringCount /> });
    view! {
        <a href=to.path() aria-current=current>
            <Icon symbol />
            <span>{label}</span>
            {count}
        </a>
    }
    .into_any()
}

#[component]
fn FiringCount() -> impl IntoView {
    let live = use_live();
    let badge = |firing: usize| {
        view! { <b class="count">{firing}<span class="vh">" firing"</span></b> }
    };
    move || live.firing().filter(|firing| *firing > 0).map(badge)
}

#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
            <circle cx="11" cy="11" r="9.2" />
            <path d="M3 12h4l2-5 3.4 9L15 11h4" />
        </svg>
    }
}

/// "v0.1.0 · 41 MB · 0.6 % CPU"; what the platform does not tell is left out.
fn process_line(process: &ProcessView) -> String {
    let parts = [
        Some(format!("v{}", process.version)),
        process.resident_bytes.map(|bytes| format::bytes(bytes as f64)),
        process.cpu.map(|cpu| format!("{} CPU", format::percent(cpu))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
