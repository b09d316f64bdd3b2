//! One alert: what, where, since when, the number and the threshold.

use brokerscope_contract::{Alert, AlertState, Severity, Status};
use leptos::prelude::*;

use super::words::quantity_of;
use crate::components::{EntityLink, Lasting, StatusMark, tone_of};
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;

#[component]
pub fn AlertCard(alert: Signal<Alert>) -> impl IntoView {
    let severity = memo(move || alert.with(|alert| alert.severity));
    let since = derive(move || alert.with(|alert| alert.fired_at.unwrap_or(alert.active_at)));
    let state = memo(move || alert.with(|alert| alert.state));
    let entity = derive(move || alert.with(|alert| alert.entity.clone()));
    let rule = alert.with_untracked(|alert| alert.rule);
    let class = move || match severity.get() {
        Severity::Critical => "card alert crit",
        Severity::Warning => "card alert warn",
    };
    view! {
        <article class=class class:pending=derive(move || state.get() == AlertState::Pending)>
            <p class="what">
                {redrawn(move || severity_label(severity.get()).into_any())}
                {redrawn(move || state_words(state.get()).map(|words| view! { <span class="chip">{words}</span> }).into_any())}
            </p>
            <div class="said">
                <p class="where">
                    <EntityLink entity />
                    <span class="muted">" on " {derive(move || alert.with(|alert| alert.connection_name.clone()))}</span>
                </p>
                <p>{derive(move || alert.with(|alert| alert.sentence.clone()))}</p>
                <a class="link" href=Route::Rule(rule).path()>
                    {derive(move || alert.with(|alert| alert.rule_name.clone()))}
                </a>
            </div>
            <p class="value num">{redrawn(move || alert.with(numbers).into_any())}</p>
            <p class="since">
                <Lasting since />
            </p>
        </article>
    }
    .into_any()
}

fn severity_label(severity: Severity) -> AnyView {
    let status = status_of(severity);
    view! {
        <span class=format!("verdict {}", tone_of(status))>
            <StatusMark status />
            {severity_word(severity)}
        </span>
    }
    .into_any()
}

/// The judged value, and what it was judged against.
fn numbers(alert: &Alert) -> AnyView {
    let quantity = quantity_of(alert.metric);
    let value = alert.value.map_or("no value".into(), |value| quantity.write(value));
    let label = alert.metric.def().label.to_lowercase();
    let threshold = quantity.write(alert.threshold);
    view! {
        <b>{value}</b>
        <small>{format!("{label}, threshold {threshold}")}</small>
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
