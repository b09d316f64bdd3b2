//! Every connection in one line: verdict, heartbeat, counts, throughput, uptime.

use std::sync::Arc;

use crate::reactive::{derive, memo};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::{Status, Verdict};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::charts::{Heartbeat, Sparkline};
use crate::components::{Ago, Figure, Quantity, StatusMark, each, tone_of};
use crate::route::Route;

#[component]
pub fn ConnectionList(answer: Signal<Option<Arc<Overview>>>) -> impl IntoView {
    let items = memo(move || {
        answer.with(|answer| {
            answer
                .as_ref()
                .map(|answer| answer.connections.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <h2>"Connections"</h2>
        <div class="card conns">{each(items.into(), |connection| connection.id, line)}</div>
    }
}

fn line(connection: Signal<ConnectionView>) -> AnyView {
    let status = memo(move || connection.with(shown_status));
    let beats = memo(move || connection.with(|connection| connection.beats.clone()));
    view! {
        <article class="conn">
            <StatusMark status alone=true />
            <Name connection />
            <State connection status />
            <Heartbeat beats />
            <Numbers connection status=status.into() />
        </article>
    }
    .into_any()
}

#[component]
fn Name(connection: Signal<ConnectionView>) -> impl IntoView {
    view! {
        <div class="name">
            <a class="row-link strong" data-row href=move || Route::Connection(connection.get().id).path()>
                <bdi>{move || connection.with(|connection| connection.name.clone())}</bdi>
            </a>
            <small>{move || connection.with(server_words)}</small>
        </div>
    }
}

/// The verdict, and how fresh it is.
#[component]
fn State(connection: Signal<ConnectionView>, #[prop(into)] status: Signal<Status>) -> impl IntoView {
    let sentence = move || connection.with(|connection| connection.judgement.sentence.clone());
    let answered = memo(move || connection.with(|connection| connection.last_answer_at));
    let freshness = move || match answered.get() {
        Some(at) => view! { "as of "<Ago at /> }.into_any(),
        None => "no answer yet".into_any(),
    };
    view! {
        <div class="state">
            <span class=move || tone_of(status.get()) data-tip=sentence>{move || connection.with(state_words)}</span>
            <small>{freshness}</small>
        </div>
    }
}

#[component]
fn Numbers(connection: Signal<ConnectionView>, status: Signal<Status>) -> impl IntoView {
    let depth = derive(move || connection.with(|connection| connection.depth));
    let throughput = derive(move || connection.with(|connection| connection.throughput));
    let depth_line = memo(move || connection.with(|connection| connection.depth_line.clone()));
    let rate_line = memo(move || connection.with(|connection| connection.throughput_line.clone()));
    let destinations = move || connection.with(|connection| format::count(connection.destinations as f64));
    let uptime = move || connection.with(|connection| connection.uptime.map_or(format::DASH.into(), format::percent));
    view! {
        <p class="kv"><b>{destinations}</b><small>"destinations"</small></p>
        <p class="kv"><b><Figure reading=depth quantity=Quantity::Count short=true /></b><small>"waiting"</small></p>
        <Sparkline values=depth_line status label="Messages waiting over the last hour" quantity=Quantity::Count />
        <p class="kv"><b><Figure reading=throughput quantity=Quantity::Rate /></b><small>"throughput"</small></p>
        <Sparkline values=rate_line status label="Throughput over the last hour" quantity=Quantity::Rate />
        <p class="kv" data-tip="Share of checks that got an answer, over the stored past, at most 30 days">
            <b>{uptime}</b>
            <small>"30 days up"</small>
        </p>
    }
}

fn shown_status(connection: &ConnectionView) -> Status {
    if connection.paused {
        Status::Maintenance
    } else {
        connection.judgement.verdict.status()
    }
}

fn state_words(connection: &ConnectionView) -> String {
    match (connection.paused, connection.judgement.verdict) {
        (true, _) => "Paused".into(),
        (false, Verdict::Ok) if !connection.warnings.is_empty() => "Ok, seen in part".into(),
        (false, verdict) => verdict.label().into(),
    }
}

/// "RabbitMQ 4.3.6 · 3 nodes".
fn server_words(connection: &ConnectionView) -> String {
    let mut text = connection.system.label().to_string();
    if let Some(version) = &connection.server.version {
        text.push_str(&format!(" {version}"));
    }
    if let Some(nodes) = connection.server.nodes {
        let word = connection.system.nodes_word();
        let word = if nodes == 1 { word.trim_end_matches('s') } else { word };
        text.push_str(&format!(" · {nodes} {word}"));
    }
    text
}
