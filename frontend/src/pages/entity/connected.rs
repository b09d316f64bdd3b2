//! What feeds it, what it feeds, and where its dead letters go.

use crate::reactive::memo;
use brokerscope_contract::api::entities::EntityDetail;
use brokerscope_contract::api::topology::{EdgeView, NodeView};
use brokerscope_contract::{Evidence, LinkKind, Reading};
use leptos::prelude::*;

use super::Detail;
use crate::components::{EntityLink, Quantity, StatusMark};
use crate::topology::current;

/// One neighbour and how it is connected.
#[derive(Debug, Clone, PartialEq)]
struct Neighbour {
    node: NodeView,
    edge: EdgeView,
    /// Messages flow from the neighbour to this entity.
    feeds: bool,
    /// The name of the neighbour's connection, where it is another one.
    elsewhere: Option<String>,
}

#[component]
pub fn Connected(detail: Detail) -> impl IntoView {
    let neighbours = memo(move || detail.with(|detail| neighbours(detail)));
    let side = move |feeds: bool| {
        move || {
            neighbours
                .get()
                .into_iter()
                .filter(|neighbour| neighbour.feeds == feeds)
                .map(line)
                .collect_view()
        }
    };
    let has = move |feeds: bool| neighbours.with(|all| all.iter().any(|neighbour| neighbour.feeds == feeds));
    view! {
        <Show when=move || neighbours.with(|all| !all.is_empty())>
            <h2>"Connected to"</h2>
            <div class="grid-2">
                <Show when=move || has(true)>
                    <section class="card panel"><h3>"Comes from"</h3><ul class="joined">{side(true)}</ul></section>
                </Show>
                <Show when=move || has(false)>
                    <section class="card panel"><h3>"Goes to"</h3><ul class="joined">{side(false)}</ul></section>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

fn neighbours(detail: &EntityDetail) -> Vec<Neighbour> {
    let own = detail.row.entity.id;
    let node = |id| detail.nodes.iter().find(|node| node.entity.id == id).cloned();
    let neighbour = |edge: &EdgeView| {
        let feeds = edge.to == own;
        let other = if feeds { edge.from } else { edge.to };
        let node = node(other)?;
        let connection = detail
            .connections
            .iter()
            .find(|known| known.id == node.entity.connection);
        Some(Neighbour {
            elsewhere: connection
                .filter(|_| edge.crosses)
                .map(|connection| connection.name.clone()),
            node,
            edge: edge.clone(),
            feeds,
        })
    };
    detail.edges.iter().filter_map(neighbour).collect()
}

fn line(neighbour: Neighbour) -> AnyView {
    let Neighbour {
        node,
        edge,
        feeds,
        elsewhere,
    } = neighbour;
    let elsewhere = elsewhere.map(|name| view! { <span class="tag">"in " <bdi>{name}</bdi></span> });
    let labels = edge
        .labels
        .iter()
        .map(|label| view! { <code class="tag"><bdi>{label.clone()}</bdi></code> })
        .collect_view();
    view! {
        <li>
            <StatusMark status=node.verdict.status() alone=true />
            <EntityLink entity=node.entity.clone() bare=true />
            <small>{node.entity.kind.label()}</small>
            {elsewhere}
            {labels}
            <span class="how">{how(&edge, feeds)}{rate(edge.rate)}</span>
        </li>
    }
    .into_any()
}

/// How the two are connected, and how that is known when it was only concluded or declared.
fn how(edge: &EdgeView, feeds: bool) -> String {
    let words = match (edge.kind, feeds) {
        (LinkKind::Publishes, true) => "publishes here",
        (LinkKind::Publishes, false) => "is published to",
        (LinkKind::Binding, true) => "routes here",
        (LinkKind::Binding, false) => "is routed to",
        (LinkKind::AlternateExchange, true) => "sends here what it cannot route",
        (LinkKind::AlternateExchange, false) => "gets what cannot be routed",
        (LinkKind::DeadLetter, true) => "sends its dead letters here",
        (LinkKind::DeadLetter, false) => "gets the dead letters",
        (LinkKind::Subscribes, true) => "is read through this",
        (LinkKind::Subscribes, false) => "reads this",
        (LinkKind::Consumes, true) => "is read by this",
        (LinkKind::Consumes, false) => "consumes",
        (LinkKind::Delivers, true) => "delivers here",
        (LinkKind::Delivers, false) => "gets what is delivered",
        (LinkKind::Copies, true) => "is copied here",
        (LinkKind::Copies, false) => "gets a copy",
    };
    let evidence = match edge.evidence {
        Evidence::Inferred => ", concluded from names",
        Evidence::Declared | Evidence::Connected | Evidence::Counted => "",
    };
    format!("{words}{evidence}")
}

fn rate(rate: Reading) -> Option<String> {
    current(rate).map(|value| format!(" · {}", Quantity::Rate.write(value)))
}
