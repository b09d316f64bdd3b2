//! The latest figures in a row, and what is not measured, with the reason.

use crate::reactive::memo;
use brokerscope_contract::Role;
use brokerscope_contract::api::entities::{EntityRow, MetricView};
use brokerscope_contract::{Absence, Reading};
use leptos::prelude::*;

use super::Detail;
use crate::components::{Figure, Quantity};
use crate::pages::queues::columns::waiting_time;

/// What a figure is called, how it is written, and where it is in a row.
type Part = (&'static str, Quantity, fn(&EntityRow) -> Reading);

const OF_DESTINATION: &[Part] = &[
    ("Waiting", Quantity::Count, |row| row.depth),
    ("In flight", Quantity::Count, |row| row.in_flight),
    ("Oldest", Quantity::Duration, |row| row.oldest_age),
    ("In", Quantity::Rate, |row| row.rate_in),
    ("Out", Quantity::Rate, |row| row.rate_out),
    ("Readers", Quantity::Count, |row| row.consumers),
];

const OF_SUBSCRIPTION: &[Part] = &[
    ("Behind", Quantity::Duration, waiting_time),
    ("Lag", Quantity::Count, |row| row.lag),
    ("In flight", Quantity::Count, |row| row.in_flight),
    ("In", Quantity::Rate, |row| row.rate_in),
    ("Out", Quantity::Rate, |row| row.rate_out),
    ("Readers", Quantity::Count, |row| row.consumers),
];

#[component]
pub fn Figures(detail: Detail) -> impl IntoView {
    let role = memo(move || detail.with(|detail| detail.row.entity.kind.role()));
    let one = move |(label, quantity, reading): &Part| {
        let (label, quantity, reading) = (*label, *quantity, *reading);
        let value = memo(move || detail.with(|detail| reading(&detail.row)));
        // What this kind of object does not have at all is left out.
        let shown = move || value.get().absent != Some(Absence::NotSupported) || value.get().value.is_some();
        view! {
            <Show when=shown>
                <div><dt>{label}</dt><dd><Figure reading=value quantity /></dd></div>
            </Show>
        }
    };
    let parts = move || match role.get() {
        Role::Destination => OF_DESTINATION,
        Role::Subscription => OF_SUBSCRIPTION,
        _ => &[],
    };
    view! {
        <dl class="figures">{move || parts().iter().map(one).collect_view()}</dl>
        <NotMeasured detail />
    }
}

/// One sentence per figure that is missing for a reason that somebody gave.
#[component]
fn NotMeasured(detail: Detail) -> impl IntoView {
    let missing = memo(move || {
        let explained = |view: &MetricView| {
            let why = view.why.clone().filter(|_| view.reading.value.is_none())?;
            Some((view.metric.def().label, why))
        };
        detail.with(|detail| detail.metrics.iter().filter_map(explained).collect::<Vec<_>>())
    });
    let line = |(label, why): (&'static str, String)| view! { <li><b>{label}</b>" "{why}</li> };
    view! {
        <Show when=move || missing.with(|missing| !missing.is_empty())>
            <details class="unmeasured">
                <summary>{move || missing.with(Vec::len)}" not measured, and why"</summary>
                <ul>{move || missing.get().into_iter().map(line).collect_view()}</ul>
            </details>
        </Show>
    }
}
