//! The edges of what was chosen: to whom, what it is, how it is known, how much flows or why that is not known.

use std::sync::Arc;

use brokerscope_contract::api::topology::EdgeView;
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::reactive::{memo, when};
use crate::topology::{Scene, Stage, evidence_words, kind_words, labels, rate_words};

/// One neighbour and the edge to it.
#[derive(Debug, Clone, PartialEq)]
struct Neighbour {
    id: i64,
    name: String,
    said: String,
    /// Written, where it is known.
    rate: Option<String>,
}

#[component]
pub fn EdgeList(stage: Stage, id: i64) -> impl IntoView {
    let neighbours = memo(move || stage.scene.with(|scene| neighbours(scene, id)));
    let go = move |id: i64| {
        stage.chosen.set(Some(id));
        request_animation_frame(move || stage.reveal(id));
    };
    let one = move |neighbour: Neighbour| {
        view! {
            <li>
                <button type="button" class="path" on:click=move |_| go(neighbour.id)>
                    <bdi>{neighbour.name}</bdi>
                </button>
                <span class="num">{neighbour.rate}</span>
                <small>{neighbour.said}</small>
            </li>
        }
    };
    let list = move |title: &'static str, incoming: bool| {
        let some = move || neighbours.with(|both| !if incoming { both.0.is_empty() } else { both.1.is_empty() });
        let items = move || {
            let (before, after) = neighbours.get();
            if incoming { before } else { after }
                .into_iter()
                .map(one)
                .collect_view()
        };
        view! {
            {when(some, move || view! {
                <h3>{title}</h3>
                <ul class="neighbours">{items}</ul>
            }.into_any())}
        }
    };
    view! {
        {list("From", true)}
        {list("To", false)}
    }
    .into_any()
}

/// Edges that end here, and edges that begin here.
fn neighbours(scene: &Arc<Scene>, id: i64) -> (Vec<Neighbour>, Vec<Neighbour>) {
    let name = |id: i64| scene.item(id).map_or(String::new(), |item| item.name.clone());
    let connection = |edge: &EdgeView, other: i64| scene.item(other).filter(|_| edge.crosses)?.place.as_deref();
    let neighbour = |edge: &EdgeView, other: i64| Neighbour {
        id: other,
        name: name(other),
        said: said(edge, connection(edge, other)),
        rate: edge.rate.value.map(|_| rate_words(edge)),
    };
    let edges = &scene.topology.edges;
    let into = edges
        .iter()
        .filter(|edge| edge.to.0 == id)
        .map(|edge| neighbour(edge, edge.from.0));
    let out = edges
        .iter()
        .filter(|edge| edge.from.0 == id)
        .map(|edge| neighbour(edge, edge.to.0));
    (into.collect(), out.collect())
}

/// "routes to · declared · order.created"; which connection it is in, where that is another one; and why there is no
/// rate.
fn said(edge: &EdgeView, connection: Option<&str>) -> String {
    let mut text = connection.map(|name| format!("in {name} · ")).unwrap_or_default();
    text.push_str(&format!(
        "{} · {}",
        kind_words(edge.kind),
        evidence_words(edge.evidence)
    ));
    if edge.count > 1 {
        text.push_str(&format!(" · {} edges", format::count(edge.count as f64)));
    }
    if !edge.labels.is_empty() {
        text.push_str(&format!(" · {}", labels(&edge.labels)));
    }
    if edge.rate.value.is_none() {
        text.push_str(&format!(" · {}", rate_words(edge)));
    }
    text
}
