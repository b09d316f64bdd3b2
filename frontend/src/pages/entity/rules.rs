//! The rules that watch this entity, and the way to a new one for each of its figures.

use crate::reactive::{memo, when};
use brokerscope_contract::{Comparison, MetricId, Rule, Severity, metrics};
use brokerscope_figures::format;
use leptos::prelude::*;

use super::Detail;
use crate::components::{Quantity, StatusMark};
use crate::route::Route;

/// The figures that most rules are about.
const OFFERED: &[MetricId] = &[
    metrics::LAG_SECONDS,
    metrics::LAG,
    metrics::DEPTH,
    metrics::OLDEST_AGE,
    metrics::CONSUMERS,
    metrics::DEAD_LETTERED,
    metrics::UNROUTABLE,
    metrics::PUBLISHED,
];

#[component]
pub fn Rules(detail: Detail) -> impl IntoView {
    // A pattern may match the name of what does not have the rule's figure at all.
    let rules = memo(move || {
        detail.with(|detail| {
            let has = |rule: &&Rule| detail.metrics.iter().any(|view| view.metric == rule.metric);
            detail.rules.iter().filter(has).cloned().collect::<Vec<_>>()
        })
    });
    let offered = memo(move || {
        detail.with(|detail| {
            let has = |metric: &&MetricId| {
                detail
                    .metrics
                    .iter()
                    .any(|view| view.metric == **metric && view.reading.value.is_some())
            };
            OFFERED.iter().filter(has).copied().collect::<Vec<_>>()
        })
    });
    let kind = move || detail.with(|detail| detail.row.entity.kind.label());
    let new = move |metric: MetricId| {
        let id = detail.with_untracked(|detail| detail.row.entity.id.0);
        let href = format!("{}?entity={id}&metric={}", Route::RuleNew.path(), metric.name());
        view! { <a class="chip" href=href>{metric.def().label}</a> }
    };
    let offer = move || {
        view! {
            <div class="filters offer">
                <span class="muted">"New threshold on"</span>
                {move || offered.get().into_iter().map(new).collect_view()}
            </div>
        }
        .into_any()
    };
    let offers = memo(move || offered.with(|offered| !offered.is_empty()));
    let section = move || {
        view! {
            <h2>"Alert on this "{kind}</h2>
            <div class="card panel">
                <ul class="watching">{move || rules.get().iter().map(watching).collect_view()}</ul>
                {when(move || offers.get(), offer)}
            </div>
        }
        .into_any()
    };
    // Where nothing is measured there is nothing to set a threshold on.
    when(move || offers.get() || rules.with(|rules| !rules.is_empty()), section).into_any()
}

fn watching(rule: &Rule) -> AnyView {
    let status = match rule.severity {
        Severity::Warning => brokerscope_contract::Status::Warning,
        Severity::Critical => brokerscope_contract::Status::Critical,
    };
    view! {
        <li>
            <StatusMark status />
            <a class="strong" href=Route::Rule(rule.id).path()>{rule.name.clone()}</a>
            <span class="sub">{sentence(rule)}</span>
        </li>
    }
    .into_any()
}

/// "Messages waiting above 9,000 for 2 min, until below 7,000".
fn sentence(rule: &Rule) -> String {
    let quantity = Quantity::of(rule.metric.def());
    let (fires, clears) = match rule.comparison {
        Comparison::Above => ("above", "below"),
        Comparison::Below => ("below", "above"),
    };
    let mut text = format!("{} {fires} {}", rule.metric.def().label, quantity.write(rule.fire));
    if rule.for_seconds > 0 {
        text.push_str(&format!(" for {}", format::duration(f64::from(rule.for_seconds))));
    }
    if rule.clear != rule.fire {
        text.push_str(&format!(", until {clears} {}", quantity.write(rule.clear)));
    }
    text
}
