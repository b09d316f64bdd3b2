//! The configured connections: their state, what they cost, what they could not learn; pause, edit, delete.

mod card;
mod cost;
mod delete;
mod demo;
mod settings;
mod warnings;

use std::sync::Arc;

use brokerscope_contract::api::connections::{ConnectionView, SystemView};
use brokerscope_contract::api::path;
use brokerscope_contract::connection::Origin;
use leptos::prelude::*;

use crate::components::{EmptyState, Icon, Notice, Skeleton, Symbol, each};
use crate::route::Route;
use crate::state::{Fetched, fetched, use_live};

use crate::reactive::{derive, memo, redrawn, when};
use card::ConnectionCard;

#[component]
pub fn Connections() -> impl IntoView {
    let live = use_live();
    let list = fetched::<Vec<ConnectionView>>(
        || Some(path::CONNECTIONS.into()),
        move || {
            live.follow_connections();
            live.follow_all();
        },
    );
    let systems = fetched::<Vec<SystemView>>(|| Some(path::SYSTEMS.into()), || ());
    let error = derive(move || list.error());
    let body = memo(move || list.get().map(|list| list.is_empty()));
    view! {
        <div class="page-head">
            <div>
                <h1>"Connections"</h1>
                <p class="sub">{derive(move || list.get().map(|list| summary(&list)))}</p>
            </div>
            <a class="btn main" href=Route::ConnectionNew.path()>
                <Icon symbol=Symbol::Plus />
                "Add a connection"
            </a>
        </div>
        <Notice error retry=move |()| list.refresh() />
        {redrawn(move || match body.get() {
            None => (error.get().is_none()).then(|| view! { <Skeleton rows=3 height=150 /> }).into_any(),
            Some(true) => none_yet().into_any(),
            Some(false) => cards(list, systems).into_any(),
        })}
        {when(
            move || list.get().is_some_and(|list| list.iter().all(|one| one.origin != Origin::Demo)),
            move || demo::switch_on(Callback::new(move |()| list.refresh())),
        )}
    }
    .into_any()
}

fn summary(list: &[ConnectionView]) -> String {
    let paused = list.iter().filter(|connection| connection.paused).count();
    let warned = list.iter().filter(|connection| !connection.warnings.is_empty()).count();
    let plural = if list.len() == 1 { "" } else { "s" };
    let mut text = format!("{} connection{plural}", list.len());
    if paused > 0 {
        text.push_str(&format!(" · {paused} paused"));
    }
    if warned > 0 {
        text.push_str(&format!(" · {warned} could not learn everything"));
    }
    text
}

fn none_yet() -> impl IntoView {
    view! {
        <EmptyState
            title="No broker is watched yet"
            text="Add a broker of one of the six systems: Brokerscope tries every step of the way to it before you save."
        >
            <a class="btn main" href=Route::ConnectionNew.path()>"Add a connection"</a>
        </EmptyState>
    }
}

/// Cards stay in place while their content changes; only added and removed ones move the others.
fn cards(list: Fetched<Vec<ConnectionView>>, systems: Fetched<Vec<SystemView>>) -> impl IntoView {
    let all = derive(move || list.get().map(|list| list.to_vec()).unwrap_or_default());
    let systems = derive(move || systems.get().unwrap_or_else(|| Arc::new(Vec::new())));
    let card =
        move |connection| view! { <ConnectionCard connection systems changed=move |()| list.refresh() /> }.into_any();
    view! { <div class="connections">{each(all, |connection| connection.id, card)}</div> }
}
