//! The graph as two tables, with the same content for whoever does not look at drawings.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use brokerscope_contract::api::topology::{EdgeView, NodeView, Topology};
use brokerscope_contract::entity::EntityRef;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::asked::Wanted;
use super::search::found;
use crate::components::{StatusMark, absence_reason, entity_href, tone_of};
use crate::reactive::memo;
use crate::state::Fetched;
use crate::topology::{evidence_words, kind_words, rate_words};

#[component]
pub fn Table(topology: Fetched<Topology>, wanted: Wanted) -> impl IntoView {
    let shown = memo(move || {
        let topology = topology.get()?;
        let finds = found(&topology, &wanted.search.get());
        Some((topology, finds))
    });
    let nodes = move || shown.get().map(|(topology, finds)| nodes(&topology, finds.as_deref()));
    let edges = move || shown.get().map(|(topology, finds)| edges(&topology, finds.as_deref()));
    view! {
        <h2 id="objects">"Objects, worst first"</h2>
        <div class="card scroll" tabindex="0" role="region" aria-labelledby="objects">
            <table class="wide-table">
                <thead>
                    <tr>
                        <th>"Verdict"</th>
                        <th>"Name"</th>
                        <th>"Kind"</th>
                        <th class="n">"Waiting"</th>
                        <th class="n">"Behind by"</th>
                        <th class="n">"Arriving"</th>
                        <th>"Why"</th>
                    </tr>
                </thead>
                <tbody>{nodes}</tbody>
            </table>
        </div>
        <h2 id="edges">"Edges"</h2>
        <div class="card scroll" tabindex="0" role="region" aria-labelledby="edges">
            <table class="wide-table">
                <thead>
                    <tr>
                        <th>"From"</th>
                        <th>"What"</th>
                        <th>"To"</th>
                        <th class="n">"Rate"</th>
                        <th>"Evidence"</th>
                        <th>"Labels"</th>
                    </tr>
                </thead>
                <tbody>{edges}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn nodes(topology: &Arc<Topology>, finds: Option<&[i64]>) -> impl IntoView + use<> {
    let mut all: Vec<&NodeView> = topology
        .nodes
        .iter()
        .filter(|node| is_found(finds, node.entity.id.0))
        .collect();
    all.sort_by_key(|node| {
        (
            Reverse(node.verdict.status()),
            node.verdict.rank(),
            node.entity.name.clone(),
        )
    });
    all.into_iter().map(row).collect_view()
}

fn row(node: &NodeView) -> impl IntoView + use<> {
    let status = node.verdict.status();
    let number = |reading: brokerscope_contract::Reading, write: fn(f64) -> String| match reading.value {
        Some(value) => view! { <td class="n num">{write(value)}</td> }.into_any(),
        None => view! { <td class="n" title=absence_reason(reading.absent)>{format::DASH}</td> }.into_any(),
    };
    view! {
        <tr>
            <td>
                <span class=format!("verdict {}", tone_of(status))>
                    <StatusMark status />
                    {node.verdict.label()}
                </span>
            </td>
            <th scope="row">{link(&node.entity)}</th>
            <td>{node.entity.kind.label()}</td>
            {number(node.waiting, format::count)}
            {number(node.lag_seconds, format::duration)}
            {number(node.rate_in, format::rate)}
            <td class="why">{node.sentence.clone()}</td>
        </tr>
    }
}

fn edges(topology: &Arc<Topology>, finds: Option<&[i64]>) -> impl IntoView + use<> {
    let by_id: HashMap<i64, &EntityRef> = topology
        .nodes
        .iter()
        .map(|node| (node.entity.id.0, &node.entity))
        .collect();
    let touched = |edge: &&EdgeView| is_found(finds, edge.from.0) || is_found(finds, edge.to.0);
    let rows = topology.edges.iter().filter(touched).filter_map(|edge| {
        let (from, to) = (by_id.get(&edge.from.0)?, by_id.get(&edge.to.0)?);
        Some(view! {
            <tr>
                <th scope="row">{link(from)}</th>
                <td>{kind_words(edge.kind)}</td>
                <td>{link(to)}</td>
                <td class="n num">{rate_words(edge)}</td>
                <td>{evidence_words(edge.evidence)}</td>
                <td class="path why">{edge.labels.join(", ")}</td>
            </tr>
        })
    });
    rows.collect_view()
}

fn is_found(finds: Option<&[i64]>, id: i64) -> bool {
    finds.is_none_or(|finds| finds.contains(&id))
}

fn link(entity: &EntityRef) -> impl IntoView + use<> {
    let title = entity.title().to_string();
    let scope = (!entity.scope.is_empty()).then(|| {
        let scope = entity.scope.clone();
        view! { <small class="scope"><bdi>{scope}</bdi></small> }
    });
    view! {
        <a class="path" href=entity_href(entity.id)>
            <bdi>{title}</bdi>
        </a>
        {scope}
    }
}
