//! One alert: what, where, since when, the number and the threshold.

use brokerscope_contract::{Alert, AlertState, Severity, Status};
use leptos::prelude::*;

use super::words::quantity_of;
use crate::components::{EntityLink, Lasting, StatusMark};
use crate::route::Route;

#[component]
pub fn AlertCard(alert: Alert) -> impl IntoView {
    let status = status_of(alert.severity);
    let since = alert.fired_at.unwrap_or(alert.active_at);
    let quantity = quantity_of(alert.metric);
    let value = alert.value.map_or("no value".into(), |value| quantity.write(value));
    let class = match alert.severity {
        Severity::Critical => "card alert crit",
        Severity::Warning => "card alert warn",
    };
    view! {
        <article class=class class:pending=alert.state == AlertState::Pending>
            <p class="what">
                <span class=format!("verdict {}", crate::components::tone_of(status))>
                    <StatusMark status />
                    {severity_word(alert.severity)}
                </span>
                {state_words(alert.state).map(|words| view! { <span class="chip">{words}</span> })}
            </p>
            <div class="said">
                <p class="where">
                    <EntityLink entity=alert.entity />
                    <span class="muted">" on " {alert.connection_name}</span>
                </p>
                <p>{alert.sentence}</p>
                <a class="link" href=Route::Rule(alert.rule).path()>{alert.rule_name}</a>
            </div>
            <p class="value num">
                <b>{value}</b>
                <small>{alert.metric.def().label.to_lowercase()} ", threshold " {quantity.write(alert.threshold)}</small>
            </p>
            <p class="since">
                <Lasting since />
            </p>
        </article>
    }
    .into_any()
}

pub fn status_of(severity: Severity) -> Status {
    match severity {
        Severity::Critical => Status::Critical,
        Severity::Warning => Status::Warning,
    }
}

pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Warning => "Warning",
    }
}

fn state_words(state: AlertState) -> Option<&'static str> {
    match state {
        AlertState::Pending => Some("pending"),
        AlertState::Recovering => Some("recovering"),
        AlertState::Firing | AlertState::Resolved => None,
    }
}
