//! The graph as two tables, with the same content for whoever does not look at drawings.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use brokerscope_contract::ConnectionId;
use brokerscope_contract::api::topology::{EdgeView, GroupView, NodeView, Topology};
use brokerscope_contract::entity::EntityRef;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::asked::Wanted;
use super::group::counts;
use super::search::found;
use crate::components::{Button, StatusMark, absence_reason, entity_href, tone_of};
use crate::reactive::memo;
use crate::state::Fetched;
use crate::topology::{caption_of, connection_name, current, evidence_words, kind_words, rate_words, title_of};

#[component]
pub fn Table(topology: Fetched<Topology>, wanted: Wanted) -> impl IntoView {
    let shown = memo(move || {
        let topology = topology.get()?;
        let finds = found(&topology, &wanted.search.get());
        Some((topology, finds))
    });
    let several = memo(move || shown.with(|shown| shown.as_ref().is_some_and(|(topology, _)| has_several(topology))));
    let nodes = move || shown.get().map(|(topology, finds)| nodes(&topology, finds.as_deref()));
    let groups = move || {
        let topology = shown.get().map(|(topology, _)| topology)?;
        (!topology.groups.is_empty()).then(|| groups(&topology, wanted))
    };
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
                        {move || several.get().then(|| view! { <th>"Connection"</th> })}
                        <th class="n">"Waiting"</th>
                        <th class="n">"Behind by"</th>
                        <th class="n">"Arriving"</th>
                        <th>"Why"</th>
                    </tr>
                </thead>
                <tbody>{nodes}</tbody>
            </table>
        </div>
        {groups}
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

/// Whether it says something which connection an object belongs to.
fn has_several(topology: &Topology) -> bool {
    topology.connections.len() > 1
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
    let several = has_several(topology);
    let connection = |node: &NodeView| several.then(|| connection_name(topology, node.entity.connection));
    all.into_iter().map(|node| row(node, connection(node))).collect_view()
}

fn row(node: &NodeView, connection: Option<Option<String>>) -> impl IntoView + use<> {
    let status = node.verdict.status();
    let number = |reading: brokerscope_contract::Reading, write: fn(f64) -> String| match current(reading) {
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
            {connection.map(|name| view! { <td><bdi>{name}</bdi></td> })}
            {number(node.waiting, format::count)}
            {number(node.lag_seconds, format::duration)}
            {number(node.rate_in, format::rate)}
            <td class="why">{node.sentence.clone()}</td>
        </tr>
    }
}

/// What many objects are gathered into; each can be taken apart.
fn groups(topology: &Arc<Topology>, wanted: Wanted) -> impl IntoView + use<> {
    let mut all: Vec<&GroupView> = topology.groups.iter().collect();
    all.sort_by_key(|group| {
        (
            group.verdicts.first().map(|worst| worst.verdict.rank()),
            title_of(group),
        )
    });
    let rows = all.into_iter().map(|group| group_row(group, wanted)).collect_view();
    view! {
        <h2 id="groups">"Groups of objects, the worst first"</h2>
        <div class="card scroll" tabindex="0" role="region" aria-labelledby="groups">
            <table class="wide-table">
                <thead>
                    <tr>
                        <th>"Worst verdict"</th>
                        <th>"Names"</th>
                        <th>"What"</th>
                        <th class="n">"Waiting"</th>
                        <th>"How they are"</th>
                        <th><span class="vh">"Action"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn group_row(group: &GroupView, wanted: Wanted) -> impl IntoView + use<> {
    let id = group.id.0;
    let worst = group.verdicts.first().map(|worst| {
        let (status, label) = (worst.verdict.status(), worst.verdict.label());
        view! {
            <span class=format!("verdict {}", tone_of(status))>
                <StatusMark status />
                {label}
            </span>
        }
    });
    view! {
        <tr>
            <td>{worst}</td>
            <th scope="row" class="path"><bdi>{title_of(group)}</bdi></th>
            <td class="num">{caption_of(group)}</td>
            <td class="n num">{group.waiting.map_or(format::DASH.to_string(), format::count)}</td>
            <td class="num">{counts(&group.verdicts)}</td>
            <td><Button press=move |()| wanted.open_group(id)>"Show them"</Button></td>
        </tr>
    }
}

fn edges(topology: &Arc<Topology>, finds: Option<&[i64]>) -> impl IntoView + use<> {
    let entities = topology
        .nodes
        .iter()
        .map(|node| (node.entity.id.0, End::One(node.entity.clone())));
    let groups = topology
        .groups
        .iter()
        .map(|group| (group.id.0, End::Many(title_of(group), group.connection)));
    let by_id: HashMap<i64, End> = entities.chain(groups).collect();
    let touched = |edge: &&EdgeView| is_found(finds, edge.from.0) || is_found(finds, edge.to.0);
    let rows = topology.edges.iter().filter(touched).filter_map(|edge| {
        let (from, to) = (by_id.get(&edge.from.0)?, by_id.get(&edge.to.0)?);
        let labels = match edge.count {
            1 => edge.labels.join(", "),
            count => format!("{} edges", format::count(count as f64)),
        };
        let place = |end: &End| {
            edge.crosses
                .then(|| in_connection(connection_name(topology, end.connection())))
        };
        let across = edge.crosses.then_some(", in another connection,");
        Some(view! {
            <tr>
                <th scope="row">{from.link()}{place(from)}</th>
                <td>{kind_words(edge.kind)}{across}</td>
                <td>{to.link()}{place(to)}</td>
                <td class="n num">{rate_words(edge)}</td>
                <td>{evidence_words(edge.evidence)}</td>
                <td class="path why">{labels}</td>
            </tr>
        })
    });
    rows.collect_view()
}

/// Where an edge begins or ends.
enum End {
    One(EntityRef),
    /// A group, by its name.
    Many(String, ConnectionId),
}

impl End {
    fn link(&self) -> AnyView {
        match self {
            End::One(entity) => link(entity).into_any(),
            End::Many(name, _) => view! { <bdi class="path">{name.clone()}</bdi> }.into_any(),
        }
    }

    fn connection(&self) -> ConnectionId {
        match self {
            End::One(entity) => entity.connection,
            End::Many(_, connection) => *connection,
        }
    }
}

fn in_connection(name: Option<String>) -> impl IntoView {
    name.map(|name| view! { <small class="scope">"in " <bdi>{name}</bdi></small> })
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
