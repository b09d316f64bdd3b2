//! Partitions, consumers and members with their own numbers.

use crate::reactive::memo;
use brokerscope_contract::api::entities::{MetricView, PartView};
use brokerscope_contract::{EntityKind, MetricDef, MetricId, MetricKind, Unit, metrics};
use leptos::prelude::*;

use super::Detail;
use crate::components::{Button, EntityLink, Figure, Quantity, absence_reason};
use brokerscope_figures::format;

/// More than these are drawn only when asked for: a topic may have thousands of partitions.
const AT_FIRST: usize = 100;

#[component]
pub fn Parts(detail: Detail) -> impl IntoView {
    let kinds = memo(move || {
        detail.with(|detail| {
            let mut kinds: Vec<EntityKind> = Vec::new();
            for part in &detail.parts {
                if !kinds.contains(&part.entity.kind) {
                    kinds.push(part.entity.kind);
                }
            }
            kinds
        })
    });
    let table = move |kind: EntityKind| view! { <OfKind detail kind /> };
    view! { <For each=move || kinds.get() key=|kind| *kind children=table /> }.into_any()
}

#[component]
fn OfKind(detail: Detail, kind: EntityKind) -> impl IntoView {
    let all = RwSignal::new(false);
    let parts = memo(move || {
        let of_kind = |part: &&PartView| part.entity.kind == kind;
        detail.with(|detail| detail.parts.iter().filter(of_kind).cloned().collect::<Vec<_>>())
    });
    let columns = memo(move || parts.with(|parts| columns(parts)));
    let count = memo(move || parts.with(Vec::len));
    let shown = move || if all.get() { usize::MAX } else { AT_FIRST };
    let rows = move || {
        parts.with(|parts| {
            parts
                .iter()
                .take(shown())
                .map(|part| row(part, &columns.get()))
                .collect_view()
        })
    };
    let heads = move || {
        let head = |metric: MetricId| {
            let def = metric.def();
            view! { <th scope="col" class="n" data-tip=def.meaning>{head_of(def)}</th> }
        };
        columns.get().into_iter().map(head).collect_view()
    };
    view! {
        <h2>{heading(kind)}" "<span class="muted num">{move || format::count(count.get() as f64)}</span></h2>
        <div class="card scroll parts">
            <table>
                <thead><tr><th scope="col">{kind.label()}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Show when=move || { count.get() > shown() }>
            <p class="more"><Button press=move |()| all.set(true)>"Show all "{count}</Button></p>
        </Show>
    }
}

/// An offset is shown as how fast it moves, which its own name does not say.
fn head_of(def: &MetricDef) -> String {
    match (def.kind, def.unit) {
        (MetricKind::Counter, Unit::Offset) => format!("{} moves by", def.label),
        _ => def.label.to_string(),
    }
}

fn heading(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Partition | EntityKind::GroupPartition => "Partitions",
        EntityKind::GroupTopic => "Topics",
        EntityKind::Member => "Members",
        EntityKind::Consumer => "Consumers",
        EntityKind::Producer => "Producers",
        EntityKind::Bridge => "Bridges",
        EntityKind::Subscription => "Subscriptions",
        EntityKind::StreamConsumer => "Consumers",
        EntityKind::Node => "Nodes",
        _ => "Parts",
    }
}

/// Every metric that any of the parts has, in the order of the metric table.
fn columns(parts: &[PartView]) -> Vec<MetricId> {
    let has = |metric: MetricId| {
        parts
            .iter()
            .any(|part| part.readings.iter().any(|view| view.metric == metric))
    };
    metrics::all().map(|def| def.id).filter(|metric| has(*metric)).collect()
}

fn row(part: &PartView, columns: &[MetricId]) -> AnyView {
    let cells = columns
        .iter()
        .map(|metric| {
            let view = part.readings.iter().find(|view| view.metric == *metric);
            view! { <td class="n">{figure(*metric, view, part)}</td> }
        })
        .collect_view();
    let facts = part
        .attributes
        .iter()
        .map(|attribute| format!("{} {}", attribute.name, attribute.value))
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <tr>
            <th scope="row">
                <EntityLink entity=part.entity.clone() bare=true />
                <small class="part-facts"><bdi>{facts}</bdi></small>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn figure(metric: MetricId, view: Option<&MetricView>, part: &PartView) -> AnyView {
    let quantity = Quantity::of(metric.def());
    match view {
        Some(view) => {
            let why = view
                .why
                .clone()
                .unwrap_or_else(|| absence_reason(view.reading.absent).to_string());
            view! { <Figure reading=view.reading quantity short=quantity != Quantity::Count why=why /> }.into_any()
        }
        None => {
            let reading = brokerscope_contract::Reading {
                absent: part.absent,
                ..brokerscope_contract::Reading::absent(brokerscope_contract::Absence::NoData)
            };
            view! { <Figure reading quantity /> }.into_any()
        }
    }
}
