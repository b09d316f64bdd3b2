//! What the last visit could not learn: each with its reason and what can be done.

use brokerscope_contract::Absence;
use brokerscope_contract::api::connections::{ConnectionView, Gap};
use brokerscope_figures::format;
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

fn one(gap: Gap) -> impl IntoView {
    let labels: Vec<&str> = gap.metrics.iter().map(|metric| metric.def().label).collect();
    let metrics = (!labels.is_empty()).then(|| format!("Missing: {}.", labels.join(", ")));
    let about = about(&gap);
    view! {
        <li>
            <p>
                <b>{reason(gap.reason)}</b>
                " "
                {prose(&gap.text)}
            </p>
            {gap.remedy.map(|remedy| view! { <p class="remedy">{prose(&remedy)}</p> })}
            {metrics.map(|metrics| view! { <p class="muted">{metrics}</p> })}
            {about.map(|about| view! { <p class="muted"><bdi>{about}</bdi></p> })}
        </li>
    }
}

/// "Of billing, tracking and 76 more."
fn about(gap: &Gap) -> Option<String> {
    let named = gap.examples.join(", ");
    match gap.entities.saturating_sub(gap.examples.len()) {
        _ if gap.entities == 0 => None,
        0 => Some(format!("Of {named}.")),
        more => Some(format!("Of {named} and {} more.", format::count(more as f64))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_what_a_gap_is_about_is_named_and_the_rest_counted() {
        let told = |entities, examples: &[&str]| {
            about(&Gap {
                reason: Absence::NotPermitted,
                metrics: Vec::new(),
                text: String::new(),
                remedy: None,
                entities,
                examples: examples.iter().map(ToString::to_string).collect(),
            })
        };
        assert_eq!(told(0, &[]), None);
        assert_eq!(told(1, &["billing"]).as_deref(), Some("Of billing."));
        assert_eq!(
            told(1_078, &["billing", "tracking"]).as_deref(),
            Some("Of billing, tracking and 1,076 more.")
        );
    }
}
