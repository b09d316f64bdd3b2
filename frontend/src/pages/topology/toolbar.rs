//! What is shown and how: focus and hops, connection, internals, table, search.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::topology::Topology;
use leptos::prelude::*;

use super::asked::Wanted;
use super::search::Search;
use crate::components::{Chip, Icon, Symbol};
use crate::reactive::{derive, memo, when};
use crate::state::Fetched;

#[component]
pub fn Toolbar(
    topology: Fetched<Topology>,
    connections: Fetched<Vec<ConnectionView>>,
    wanted: Wanted,
) -> impl IntoView {
    view! {
        <div class="filters topology-tools" role="toolbar" aria-label="What is shown">
            <Search wanted />
            <FocusChips topology wanted />
            <ConnectionChoice connections wanted />
            <Chip
                on=wanted.internal
                press=move |()| wanted.set_internal(!wanted.internal.get_untracked())
                tip="Objects that belong to the broker itself"
            >
                "Internal"
            </Chip>
            <Chip
                on=derive(move || wanted.as_table())
                press=move |()| wanted.set_table(!untrack(move || wanted.as_table()))
            >
                <Icon symbol=Symbol::Table />
                "Table"
            </Chip>
        </div>
    }
    .into_any()
}

#[component]
fn FocusChips(topology: Fetched<Topology>, wanted: Wanted) -> impl IntoView {
    let name = memo(move || {
        let focus = wanted.focus.get()?;
        let topology = topology.get()?;
        let node = topology.nodes.iter().find(|node| node.entity.id.0 == focus);
        Some(node.map_or("one object".to_string(), |node| node.entity.title().to_string()))
    });
    let hops = move || match wanted.hops.get() {
        1 => "1 hop".to_string(),
        n => format!("{n} hops"),
    };
    view! {
        {when(move || wanted.focus.get().is_some(), move || view! {
            <button type="button" class="chip" aria-pressed="true" on:click=move |_| wanted.set_focus(None)>
                "Focus: " <span class="path">{name}</span> <Icon symbol=Symbol::Close />
                <span class="vh">"Show everything"</span>
            </button>
            <span class="chip hops" role="group" aria-label="How far around the focus">
                <button type="button" aria-label="One hop fewer" on:click=move |_| wanted.add_hops(-1)>"−"</button>
                <span aria-live="polite">{hops}</span>
                <button type="button" aria-label="One hop more" on:click=move |_| wanted.add_hops(1)>"+"</button>
            </span>
        }.into_any())}
    }
}

/// With one connection there is nothing to choose.
#[component]
fn ConnectionChoice(connections: Fetched<Vec<ConnectionView>>, wanted: Wanted) -> impl IntoView {
    let names = memo(move || {
        let list = connections.get().map(|list| list.to_vec()).unwrap_or_default();
        list.into_iter()
            .map(|connection| (connection.id.0, connection.name))
            .collect::<Vec<_>>()
    });
    let option = move |(id, name): (i64, String)| {
        view! { <option value=id selected=move || wanted.connection.get() == Some(id)>{name}</option> }
    };
    let choose = move |event| wanted.set_connection(event_target_value(&event).parse().ok());
    let choice = move || {
        view! {
            <select
                aria-label="Connection"
                class:on=derive(move || wanted.connection.get().is_some())
                on:change=choose
            >
                <option value="" selected=move || wanted.connection.get().is_none()>"All connections"</option>
                {move || names.get().into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    };
    when(move || names.with(Vec::len) > 1, choice)
}
