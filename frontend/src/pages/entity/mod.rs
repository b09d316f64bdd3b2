//! One destination or subscription: verdict, charts, parts, settings, neighbours.

mod charts;
mod connected;
mod figures;
mod groups;
mod head;
mod parts;
mod rules;
mod settings;

use std::sync::Arc;

use brokerscope_contract::EntityId;
use brokerscope_contract::api::entities::EntityDetail;
use leptos::prelude::*;

use crate::api;
use crate::components::{EmptyState, Notice, Skeleton};
use crate::reactive::{derive, effect, memo};
use crate::route::Route;
use crate::state::page_name::name_page;
use crate::state::{fetched, use_live};

/// The last answer; every section draws its part of it.
type Detail = Signal<Arc<EntityDetail>>;

#[component]
pub fn Entity(id: EntityId) -> impl IntoView {
    let live = use_live();
    let connection = RwSignal::new(None);
    let follow = move || match connection.get() {
        Some(connection) => live.follow(connection),
        None => live.follow_connections(),
    };
    let fetched = fetched::<EntityDetail>(move || Some(api::entities::one(id)), follow);
    effect(move || {
        let known = fetched.get().map(|detail| detail.row.entity.connection);
        if connection.get_untracked() != known {
            connection.set(known);
        }
    });
    let there = memo(move || fetched.get().is_some());
    let missing = memo(move || !there.get() && fetched.error().is_some_and(|error| error.is_not_found()));
    let error = derive(move || fetched.error().filter(|_| !missing.get()));
    let body = move || match (there.get(), missing.get()) {
        (true, _) => filled(fetched.get_untracked(), derive(move || fetched.get())),
        (false, true) => gone(),
        (false, false) => view! { <Skeleton rows=3 height=190 /> }.into_any(),
    };
    view! {
        <Notice error retry=move |()| fetched.refresh() />
        {body}
    }
}

fn filled(first: Option<Arc<EntityDetail>>, latest: Signal<Option<Arc<EntityDetail>>>) -> AnyView {
    let Some(first) = first else {
        return ().into_any();
    };
    name_page(first.row.entity.title().to_string());
    let detail = derive(move || latest.get().unwrap_or_else(|| first.clone()));
    view! {
        <head::Head detail />
        <figures::Figures detail />
        <charts::Charts detail />
        <rules::Rules detail />
        <parts::Parts detail />
        <connected::Connected detail />
        <settings::SettingsOf detail />
    }
    .into_any()
}

fn gone() -> AnyView {
    view! {
        <h1>"Nothing is here"</h1>
        <EmptyState
            title="Nothing is known about this"
            text="It may have been deleted, or its connection was removed with all its data."
        >
            <a class="btn" href=Route::Destinations.path()>"To the queues"</a>
        </EmptyState>
    }
    .into_any()
}
