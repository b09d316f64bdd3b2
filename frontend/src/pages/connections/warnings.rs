//! What the last visit could not learn: each with its reason and what can be done.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::{Absence, Warning};
use leptos::prelude::*;

use crate::components::{StatusMark, prose};
use crate::reactive::{memo, when};

#[component]
pub fn Warnings(connection: Signal<ConnectionView>) -> impl IntoView {
    let warnings = memo(move || connection.with(|connection| connection.warnings.clone()));
    let count = memo(move || warnings.with(Vec::len));
    let list = move || warnings.get().into_iter().map(one).collect_view();
    let words = move || match count.get() {
        1 => "What it could not learn: 1 thing".to_string(),
        n => format!("What it could not learn: {n} things"),
    };
    view! {
        {when(move || { count.get() > 0 }, move || view! {
            <details class="unlearnt">
                <summary>
                    <StatusMark status=brokerscope_contract::Status::Unknown />
                    {words}
                </summary>
                <ul>{list}</ul>
            </details>
        }.into_any())}
    }
}

fn one(warning: Warning) -> impl IntoView {
    let labels: Vec<&str> = warning.metrics.iter().map(|metric| metric.def().label).collect();
    let metrics = (!labels.is_empty()).then(|| format!("Missing: {}.", labels.join(", ")));
    view! {
        <li>
            <p>
                <b>{reason(warning.reason)}</b>
                " "
                {prose(&warning.text)}
            </p>
            {warning.remedy.map(|remedy| view! { <p class="remedy">{prose(&remedy)}</p> })}
            {metrics.map(|metrics| view! { <p class="muted">{metrics}</p> })}
        </li>
    }
}

/// The kind of not knowing, as the beginning of a sentence.
fn reason(reason: Absence) -> &'static str {
    match reason {
        Absence::NoData => "No data yet.",
        Absence::NotPermitted => "Not permitted.",
        Absence::NotSupported => "Not supported.",
        Absence::Disabled => "Switched off.",
        Absence::Stale => "Stale.",
        Absence::Failed => "Failed.",
    }
}
