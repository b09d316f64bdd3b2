//! Alerts that have ended, newest first.

use brokerscope_contract::Alert;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::alert_card::{severity_word, status_of};
use crate::components::{Ago, EntityLink, StatusMark};
use crate::reactive::{memo, redrawn, when};

/// Shown at first; the rest on demand.
const AT_FIRST: usize = 10;

#[component]
pub fn Ended(#[prop(into)] alerts: Signal<Vec<Alert>>) -> impl IntoView {
    let all = RwSignal::new(false);
    let total = memo(move || alerts.with(Vec::len));
    let shown = move || {
        let most = if all.get() { usize::MAX } else { AT_FIRST };
        alerts.get().into_iter().take(most).collect::<Vec<_>>()
    };
    let more = move || (total.get() > AT_FIRST && !all.get()).then(|| format!("Show all {}", total.get()));
    view! {
        {when(move || { total.get() > 0 }, move || view! {
            <section aria-labelledby="ended">
                <h2 id="ended">"Ended recently"</h2>
                <div class="card scroll" tabindex="0" role="region" aria-labelledby="ended">
                    <table class="ended">
                        <thead>
                            <tr>
                                <th>"Severity"</th>
                                <th>"Rule"</th>
                                <th>"Where"</th>
                                <th class="n">"Fired for"</th>
                                <th class="n">"Ended"</th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=shown key=|alert| alert.id children=row />
                        </tbody>
                    </table>
                </div>
                {redrawn(move || more().map(|words| view! {
                    <button type="button" class="btn more-below" on:click=move |_| all.set(true)>{words}</button>
                }).into_any())}
            </section>
        }.into_any())}
    }
}

fn row(alert: Alert) -> impl IntoView {
    let status = status_of(alert.severity);
    let lasted = alert
        .fired_at
        .zip(alert.ended_at)
        .map(|(from, to)| format::duration(to.seconds_since(from)));
    view! {
        <tr title=alert.sentence>
            <td>
                <span class="verdict">
                    <StatusMark status />
                    {severity_word(alert.severity)}
                </span>
            </td>
            <td>{alert.rule_name}</td>
            <td>
                <EntityLink entity=alert.entity />
                <small class="muted">" on " {alert.connection_name}</small>
            </td>
            <td class="n num">{lasted.unwrap_or_else(|| format::DASH.into())}</td>
            <td class="n">{alert.ended_at.map(|at| view! { <Ago at /> })}</td>
        </tr>
    }
}
