//! The health of one connection: its visits as a bar, then its checks by node.

use brokerscope_contract::api::health::HealthView;
use brokerscope_figures::format;
use leptos::prelude::*;

use super::check::Check;
use super::grouped::{Group, grouped};
use crate::charts::Heartbeat;
use crate::components::{Ago, StatusMark, VerdictLabel};
use crate::route::Route;

#[component]
pub fn ConnectionHealth(#[prop(into)] view: Signal<HealthView>) -> impl IntoView {
    let judgement = Signal::derive(move || view.with(|view| view.judgement.clone()));
    let beats = Signal::derive(move || view.with(|view| view.beats.clone()));
    let groups = Memo::new(move |_| view.with(|view| grouped(&view.checks)));
    let id = view.with_untracked(|view| view.connection);
    let heading = format!("health-{}", id.0);
    let named_by = heading.clone();
    let answered = move || view.with(|view| view.last_answer_at);
    view! {
        <section class="card health" aria-labelledby=named_by>
            <header>
                <h2 id=heading>
                    <a href=Route::Connection(id).path()>{move || view.with(|view| view.name.clone())}</a>
                    <small>{move || view.with(|view| view.system.label())}</small>
                </h2>
                <VerdictLabel judgement />
                <p class="uptime num">
                    <b>{move || view.with(|view| view.uptime.map_or(format::DASH.into(), format::percent))}</b>
                    <small>"of visits answered"</small>
                </p>
            </header>
            <p class="sentence">
                {move || judgement.with(|judgement| judgement.sentence.clone())}
                " "
                <span class="muted">{move || answered().map(|at| view! { "Answered " <Ago at /> "." })}</span>
            </p>
            <Heartbeat beats />
            {move || groups.with(Vec::is_empty).then(|| view! { <p class="muted">"No check has been made yet."</p> })}
            <For each=move || groups.get() key=|group| (group.entity.id, group.checks.len()) children=move |group| {
                view! { <Checks first=group groups /> }
            } />
        </section>
    }
    .into_any()
}

/// The checks of one node; they stay in place while their outcome changes.
#[component]
fn Checks(first: Group, groups: Memo<Vec<Group>>) -> impl IntoView {
    let id = first.entity.id;
    let title = format!("{} {}", first.entity.kind.label(), first.entity.title());
    let title = if first.entity.title() == first.entity.kind.label() {
        first.entity.title().to_string()
    } else {
        title
    };
    let group = Memo::new(move |before: Option<&Group>| {
        let now = groups.with(|groups| groups.iter().find(|group| group.entity.id == id).cloned());
        now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let worst = Memo::new(move |_| group.with(|group| group.worst));
    view! {
        <div class="checks">
            <h3>
                <StatusMark status=worst alone=true />
                {title}
            </h3>
            <ul>
                <For each=move || group.get().checks key=|check| check.def.id.clone() children=move |check| {
                    let id = check.def.id.clone();
                    let check = Memo::new(move |_| {
                        let now = group.with(|group| group.checks.iter().find(|each| each.def.id == id).cloned());
                        now.unwrap_or_else(|| check.clone())
                    });
                    view! { <Check check /> }
                } />
            </ul>
        </div>
    }
    .into_any()
}
