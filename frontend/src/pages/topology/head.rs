//! The page's first words: how much is shown, what needs a person, how old it is.

use brokerscope_contract::api::topology::Topology;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::asked::Wanted;
use crate::components::Ago;
use crate::reactive::{memo, redrawn};
use crate::state::Fetched;

#[component]
pub fn Head(topology: Fetched<Topology>, wanted: Wanted) -> impl IntoView {
    let words = memo(move || {
        let narrowed = wanted.is_narrowed();
        topology.get().map(|topology| summary(&topology, narrowed))
    });
    let as_of = memo(move || topology.get().and_then(|topology| topology.as_of));
    view! {
        <h1>"Topology"</h1>
        <p class="sub num">
            {words}
            {redrawn(move || as_of.get().map(|at| view! { " · as of " <Ago at /> }).into_any())}
        </p>
    }
}

/// "14 of 1,284 objects · 3 need you"; what is left out although nobody narrowed the view is the brokers' own.
fn summary(topology: &Topology, narrowed: bool) -> String {
    let count = |n: usize| format::count(n as f64);
    let shown = topology.matching;
    let mut text = match (narrowed, topology.total.saturating_sub(shown)) {
        (true, _) => format!("{} of {} objects", count(shown), count(topology.total)),
        (false, 0) => format!("{} objects", count(shown)),
        (false, hidden) => format!("{} objects, {} internal ones hidden", count(shown), count(hidden)),
    };
    match topology.troubled {
        0 => {}
        1 => text.push_str(" · one needs you"),
        n => text.push_str(&format!(" · {} need you", count(n))),
    }
    text
}
