//! One connection: how it is, how it is reached, what it costs, and what can be done with it.

use std::sync::Arc;

use brokerscope_contract::api::connections::{ConnectionView, SystemView};
use brokerscope_contract::connection::Origin;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cost::CostLine;
use super::delete::DeleteConnection;
use super::demo;
use super::settings::SettingsLine;
use super::warnings::Warnings;
use crate::api::{self, ApiError};
use crate::charts::Heartbeat;
use crate::components::{Ago, Button, Icon, Lasting, Look, Notice, PausedLabel, Symbol, VerdictLabel};
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;

#[component]
pub fn ConnectionCard(
    #[prop(into)] connection: Signal<ConnectionView>,
    systems: Signal<Arc<Vec<SystemView>>>,
    /// Something was changed here: the list has to be asked for again.
    #[prop(into)]
    changed: Callback<()>,
) -> impl IntoView {
    let judgement = derive(move || connection.with(|connection| connection.judgement.clone()));
    let since = derive(move || judgement.with(|judgement| judgement.since));
    let beats = derive(move || connection.with(|connection| connection.beats.clone()));
    let error = RwSignal::new(None);
    let heading = format!("connection-{}", connection.with_untracked(|connection| connection.id.0));
    let named_by = heading.clone();
    let paused = memo(move || connection.with(|connection| connection.paused));
    view! {
        <article class="card connection" class:paused=paused aria-labelledby=named_by>
            <header>
                <div class="who">
                    <h2 id=heading>{derive(move || connection.with(|connection| connection.name.clone()))}</h2>
                    <small>{derive(move || connection.with(what_it_is))}</small>
                </div>
                <Actions connection error changed />
            </header>
            <div class="state">
                {redrawn(move || match paused.get() {
                    true => view! { <PausedLabel /> }.into_any(),
                    false => view! { <VerdictLabel judgement /> <Lasting since /> }.into_any(),
                })}
            </div>
            <p class="sentence">{derive(move || judgement.with(|judgement| judgement.sentence.clone()))}</p>
            <Notice error />
            <Heartbeat beats />
            <p class="visits">{redrawn(move || visits(connection).into_any())}</p>
            <CostLine connection />
            <SettingsLine connection systems />
            <Warnings connection />
        </article>
    }
    .into_any()
}

/// "RabbitMQ 4.3.6 · 3 nodes · rabbit-eu".
fn what_it_is(connection: &ConnectionView) -> String {
    let server = &connection.server;
    let version = server
        .version
        .as_ref()
        .map(|version| format!(" {version}"))
        .unwrap_or_default();
    let mut text = format!("{}{version}", connection.system.label());
    if let Some(nodes) = server.nodes {
        let word = connection.system.nodes_word();
        let word = if nodes == 1 { word.trim_end_matches('s') } else { word };
        text.push_str(&format!(" · {nodes} {word}"));
    }
    if let Some(name) = server.cluster_name.as_ref().filter(|name| **name != connection.name) {
        text.push_str(&format!(" · {name}"));
    }
    text
}

/// "99.9 % of visits answered", and when the last one was.
fn visits(connection: Signal<ConnectionView>) -> impl IntoView {
    let uptime = connection.with(|connection| connection.uptime);
    let uptime = uptime.map(|share| format!("{} of visits answered", brokerscope_figures::format::percent(share)));
    let answered = connection.with(|connection| connection.last_answer_at);
    view! {
        {uptime.map(|uptime| view! { <span>{uptime}</span> })}
        {answered.map(|at| view! { <span>"answered "<Ago at /></span> })}
        {answered.is_none().then(|| view! { <span>"never answered"</span> })}
    }
}

#[component]
fn Actions(
    connection: Signal<ConnectionView>,
    error: RwSignal<Option<ApiError>>,
    changed: Callback<()>,
) -> impl IntoView {
    let asked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let id = connection.with_untracked(|connection| connection.id);
    let paused = memo(move || connection.with(|connection| connection.paused));
    let origin = connection.with_untracked(|connection| connection.origin);
    if origin == Origin::Demo {
        return view! { <div class="actions">{demo::switch_off(error, changed)}</div> }.into_any();
    }
    let pause = move |()| {
        busy.set(true);
        spawn_local(async move {
            let outcome = api::connections::set_paused(id, !paused.get_untracked()).await;
            busy.try_set(false);
            error.try_set(outcome.err());
            changed.try_run(());
        });
    };
    let symbol = move || if paused.get() { Symbol::Play } else { Symbol::Pause };
    let rest = match origin == Origin::File {
        true => view! {
            <span class="origin" tabindex="0" data-tip="Declared in the configuration file; change it there.">"from the file"</span>
        }
        .into_any(),
        false => view! {
            <a class="btn" href=Route::Connection(id).path()>"Edit"</a>
            <Button look=Look::Quiet press=move |()| asked.set(true)>"Delete"</Button>
            <DeleteConnection open=asked connection error changed />
        }
        .into_any(),
    };
    view! {
        <div class="actions">
            <button type="button" class="btn" aria-busy=derive(move || busy.get().then_some("true")) on:click=move |_| pause(())>
                {redrawn(move || view! { <Icon symbol=symbol() /> }.into_any())}
                {derive(move || if paused.get() { "Resume" } else { "Pause" })}
            </button>
            {rest}
        </div>
    }
    .into_any()
}
