//! The cards of what needs a person: what, where, since when, why.

use std::sync::Arc;

use crate::reactive::memo;
use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::api::overview::{Attention, Overview};
use brokerscope_contract::rule::Severity;
use brokerscope_contract::{Alert, ConnectionId, Judgement, Status, Timestamp};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::charts::{Sparkline, trend};
use crate::components::{Lasting, StatusMark, VerdictLabel, each, entity_href, tone_of};
use crate::route::Route;

use super::headline::counted;

#[component]
pub fn NeedsYou(answer: Signal<Option<Arc<Overview>>>) -> impl IntoView {
    let items = memo(move || {
        answer.with(|answer| {
            answer
                .as_ref()
                .map(|answer| answer.attention.clone())
                .unwrap_or_default()
        })
    });
    let hidden = memo(move || {
        answer.with(|answer| {
            answer
                .as_ref()
                .map_or(0, |answer| answer.attention_total - answer.attention.len())
        })
    });
    let more = move || {
        (hidden.get() > 0).then(|| {
            let among = |route: Route, words: &'static str| {
                view! { <a href=format!("{}?verdict=attention", route.path())>{words}</a> }
            };
            view! {
                <p class="sub more">
                    {format::count(hidden.get() as f64)}
                    " more, among the "
                    {among(Route::Destinations, "destinations")}
                    " and the "
                    {among(Route::Subscriptions, "subscriptions")}
                </p>
            }
        })
    };
    view! {
        <div class="need">
            {each(items.into(), key, card)}
        </div>
        {more}
    }
}

/// What tells one card from another while their texts change.
fn key(attention: &Attention) -> (u8, i64) {
    match attention {
        Attention::Connection { connection, .. } => (0, connection.0),
        Attention::Entity { row, .. } => (1, row.entity.id.0),
        Attention::Alert { alert } => (2, alert.id),
    }
}

fn card(attention: Signal<Attention>) -> AnyView {
    (move || match attention.get() {
        Attention::Connection {
            connection,
            name,
            judgement,
            topics_at_risk,
            ..
        } => connection_card(connection, name, judgement, topics_at_risk),
        Attention::Entity { row, alerts } => entity_card(*row, &alerts),
        Attention::Alert { alert } => alert_card(*alert),
    })
    .into_any()
}

/// The parts that every card has; `trend` is empty where there is nothing to draw.
fn frame(tone: &'static str, label: AnyView, what: AnyView, trend: AnyView, since: Timestamp) -> AnyView {
    view! {
        <article class=format!("card needs {tone}")>
            {label}
            <p>{what}</p>
            <div class="trend">{trend}</div>
            <Lasting since />
        </article>
    }
    .into_any()
}

fn connection_card(connection: ConnectionId, name: String, judgement: Judgement, topics_at_risk: usize) -> AnyView {
    let what = view! {
        <a class="row-link strong" data-row href=Route::Connection(connection).path()><bdi>{name}</bdi></a>
        <span class="why">{judgement.sentence.clone()}</span>
        {(topics_at_risk > 0).then(|| topics_because_of_it(connection, topics_at_risk))}
    };
    let (tone, since) = (tone_of(judgement.verdict.status()), judgement.since);
    frame(
        tone,
        view! { <VerdictLabel judgement /> }.into_any(),
        what.into_any(),
        ().into_any(),
        since,
    )
}

/// What is at risk for the same reason, and not listed one by one.
fn topics_because_of_it(connection: ConnectionId, topics: usize) -> AnyView {
    let href = format!(
        "{}?connection={}&verdict=at_risk",
        Route::Destinations.path(),
        connection.0
    );
    let verb = if topics == 1 { "is" } else { "are" };
    view! {
        <span class="why">
            <a href=href>{counted(topics, "topic")}</a>
            {format!(" {verb} at risk because of it.")}
        </span>
    }
    .into_any()
}

fn entity_card(row: EntityRow, alerts: &[Alert]) -> AnyView {
    let status = row.judgement.verdict.status();
    let fires = alerts.iter().map(fires).collect_view();
    let since = row.judgement.since;
    let what = view! {
        <a class="row-link path" data-row href=entity_href(row.entity.id)><bdi>{row.entity.title().to_string()}</bdi></a>
        " on "
        <b><bdi>{row.connection_name.clone()}</bdi></b>
        <span class="why">{row.judgement.sentence.clone()}</span>
        {fires}
    };
    let (label, quantity) = trend(&row);
    let trend = view! { <Sparkline values=row.line status label quantity /> };
    let verdict = view! { <VerdictLabel judgement=row.judgement /> };
    frame(
        tone_of(status),
        verdict.into_any(),
        what.into_any(),
        trend.into_any(),
        since,
    )
}

fn alert_card(alert: Alert) -> AnyView {
    let status = status_of(&alert);
    let label = view! {
        <span class=format!("verdict {}", tone_of(status))><StatusMark status />{alert.rule_name.clone()}</span>
    };
    let what = view! {
        <a class="row-link path" data-row href=entity_href(alert.entity.id)><bdi>{alert.entity.title().to_string()}</bdi></a>
        " on "
        <b><bdi>{alert.connection_name.clone()}</bdi></b>
        <span class="why">{alert.sentence.clone()}</span>
    };
    let since = alert.fired_at.unwrap_or(alert.active_at);
    frame(tone_of(status), label.into_any(), what.into_any(), ().into_any(), since)
}

/// A rule that fires on what is listed for its verdict.
fn fires(alert: &Alert) -> AnyView {
    let status = status_of(alert);
    view! {
        <span class="why">
            <StatusMark status />
            " "
            <b>{alert.rule_name.clone()}</b>
            ": "
            {alert.sentence.clone()}
        </span>
    }
    .into_any()
}

fn status_of(alert: &Alert) -> Status {
    match alert.severity {
        Severity::Warning => Status::Warning,
        Severity::Critical => Status::Critical,
    }
}
