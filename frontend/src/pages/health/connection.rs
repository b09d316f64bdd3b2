//! The health of one connection: its visits as a bar, then its checks by node.

use brokerscope_contract::api::health::HealthView;
use brokerscope_contract::entity::EntityRef;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::check::Check;
use super::grouped::{Group, grouped};
use crate::charts::Heartbeat;
use crate::components::{Ago, PausedLabel, StatusMark, VerdictLabel, each};
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;
use crate::state::use_news;

#[component]
pub fn ConnectionHealth(#[prop(into)] view: Signal<HealthView>) -> impl IntoView {
    let judgement = derive(move || view.with(|view| view.judgement.clone()));
    let beats = derive(move || view.with(|view| view.beats.clone()));
    let groups = memo(move || view.with(|view| grouped(&view.checks)));
    let id = view.with_untracked(|view| view.connection);
    let news = use_news();
    let paused = memo(move || {
        let overview = news.get();
        overview.is_some_and(|overview| overview.connections.iter().any(|known| known.id == id && known.paused))
    });
    let heading = format!("health-{}", id.0);
    let named_by = heading.clone();
    let answered = move || view.with(|view| view.last_answer_at);
    view! {
        <section class="card health" aria-labelledby=named_by>
            <header>
                <h2 id=heading>
                    <a href=Route::Connection(id).path()>{derive(move || view.with(|view| view.name.clone()))}</a>
                    <small>{derive(move || view.with(|view| view.system.label()))}</small>
                </h2>
                {redrawn(move || match paused.get() {
                    true => view! { <PausedLabel /> }.into_any(),
                    false => view! { <VerdictLabel judgement /> }.into_any(),
                })}
                <p class="uptime num">
                    <b>{derive(move || view.with(|view| view.uptime.map_or(format::DASH.into(), format::percent)))}</b>
                    <small>"of visits answered"</small>
                </p>
            </header>
            <p class="sentence">
                {derive(move || judgement.with(|judgement| judgement.sentence.clone()))}
                " "
                <span class="muted">{redrawn(move || answered().map(|at| view! { "Answered " <Ago at /> "." }).into_any())}</span>
            </p>
            <Heartbeat beats />
            {redrawn(move || groups.with(Vec::is_empty).then(|| view! { <p class="muted">"No check has been made yet."</p> }).into_any())}
            {each(groups.into(), |group| group.entity.id, checks)}
        </section>
    }
    .into_any()
}

/// The checks of one node; they stay in place while their outcome changes.
fn checks(group: Signal<Group>) -> AnyView {
    let title = group.with_untracked(|group| title(&group.entity));
    let worst = memo(move || group.with(|group| group.worst));
    let list = derive(move || group.with(|group| group.checks.clone()));
    view! {
        <div class="checks">
            <h3>
                <StatusMark status=worst alone=true />
                {title}
            </h3>
            <ul>{each(list, |check| check.def.id.clone(), |check| view! { <Check check /> }.into_any())}</ul>
        </div>
    }
    .into_any()
}

/// "node rabbit@a"; the cluster has no name but its kind.
fn title(entity: &EntityRef) -> String {
    match (entity.kind.label(), entity.title()) {
        (kind, name) if kind == name => name.into(),
        (kind, name) => format!("{kind} {name}"),
    }
}
