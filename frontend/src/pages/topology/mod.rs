//! The live graph of services, destinations and subscriptions; as a drawing and as a table.

mod asked;
mod details;
mod edges;
mod graph;
mod group;
mod head;
mod search;
mod table;
mod toolbar;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use leptos::prelude::*;

use crate::api;
use crate::components::{EmptyState, Notice, Skeleton};
use crate::route::Route;
use crate::state::{fetched, use_live};

use crate::reactive::{derive, effect, memo};
use asked::Wanted;
use graph::GraphView;
use head::Head;
use table::Table;
use toolbar::Toolbar;

#[component]
pub fn Topology() -> impl IntoView {
    let live = use_live();
    let wanted = Wanted::start();
    let topology = fetched::<brokerscope_contract::api::topology::Topology>(
        move || Some(api::topology::graph(&wanted.full_query())),
        move || live.follow_all(),
    );
    effect(move || {
        if let Some(topology) = topology.get() {
            wanted.gathered.set(topology.gathered);
        }
    });
    let connections =
        fetched::<Vec<ConnectionView>>(|| Some(path::CONNECTIONS.into()), move || live.follow_connections());
    let error = derive(move || topology.error());
    let state = memo(move || topology.get().map(|topology| topology.matching == 0));
    let nothing_at_all = memo(move || connections.get().is_some_and(|list| list.is_empty()));
    let body = move || match (state.get(), wanted.as_table()) {
        (None, _) => error
            .get()
            .is_none()
            .then(|| view! { <Skeleton rows=1 height=560 /> })
            .into_any(),
        (Some(true), _) => empty(wanted, nothing_at_all.get()).into_any(),
        (Some(false), true) => view! { <Table topology wanted /> }.into_any(),
        (Some(false), false) => view! { <GraphView topology wanted /> }.into_any(),
    };
    view! {
        <div class="topology-page">
            <Head topology wanted />
            <Toolbar topology connections wanted />
            <Notice error retry=move |()| topology.refresh() />
            {body}
        </div>
    }
    .into_any()
}

/// Which input is missing: a connection, an answer, or a wider question.
fn empty(wanted: Wanted, no_connection: bool) -> AnyView {
    if no_connection {
        return view! {
            <EmptyState title="Nothing to draw yet" text="The graph is drawn from what connected brokers know.">
                <a class="btn main" href=Route::ConnectionNew.path()>"Add a connection"</a>
            </EmptyState>
        }
        .into_any();
    }
    let narrowed = wanted.is_narrowed();
    let text = match narrowed {
        true => "Nothing is left with this focus and these filters.",
        false => "The brokers have told of no exchange, queue, topic or group so far.",
    };
    view! {
        <EmptyState title="Nothing to draw" text>
            {narrowed.then(|| view! {
                <button type="button" class="btn" on:click=move |_| wanted.widen()>"Show everything"</button>
            })}
        </EmptyState>
    }
    .into_any()
}
