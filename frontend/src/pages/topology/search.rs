//! Finding objects in the graph by a part of their name.

use brokerscope_contract::api::topology::Topology;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::asked::Wanted;
use crate::components::{Icon, Symbol};

#[component]
pub fn Search(wanted: Wanted) -> impl IntoView {
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            wanted.set_search("");
        }
    };
    view! {
        <label class="graph-find">
            <Icon symbol=Symbol::Search />
            <span class="vh">"Find in the graph"</span>
            <input
                type="search"
                placeholder="Find in the graph"
                autocomplete="off"
                spellcheck="false"
                prop:value=wanted.search
                on:input:target=move |event| wanted.set_search(&event.target().value())
                on:keydown=key
            />
        </label>
    }
}

/// The ids of what matches, any case; nothing while nothing is searched.
pub fn found(topology: &Topology, search: &str) -> Option<Vec<i64>> {
    let search = search.trim().to_lowercase();
    if search.is_empty() {
        return None;
    }
    let matches = topology
        .nodes
        .iter()
        .filter(|node| node.entity.title().to_lowercase().contains(&search));
    Some(matches.map(|node| node.entity.id.0).collect())
}
