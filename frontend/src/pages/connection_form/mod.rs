//! Adding or changing one connection: choose the system, fill its form, test it live, save.

mod draft;
mod form;
mod steps;
mod systems;
mod test_panel;

use std::sync::Arc;

use brokerscope_contract::ConnectionId;
use brokerscope_contract::api::connections::{ConnectionView, SystemView};
use brokerscope_contract::api::path;
use leptos::prelude::*;

use crate::api;
use crate::components::{EmptyState, Notice, Skeleton};
use crate::route::Route;
use crate::state::fetched;

use crate::reactive::{derive, memo};
use draft::Draft;
use form::Form;

#[component]
pub fn ConnectionForm(id: Option<ConnectionId>) -> impl IntoView {
    let systems = fetched::<Vec<SystemView>>(|| Some(path::SYSTEMS.into()), || ());
    let stored = fetched::<ConnectionView>(move || id.map(api::connections::one), || ());
    let error = derive(move || systems.error().or_else(|| stored.error()));
    // The form is made once, when all that it is drawn from is there: an answer that comes later must not undo typing.
    let ready = memo(move || systems.get().is_some() && (id.is_none() || stored.get().is_some()));
    let form = move || {
        let systems = untrack(|| systems.get()).unwrap_or_else(|| Arc::new(Vec::new()));
        let stored = untrack(|| stored.get()).filter(|_| id.is_some());
        let draft = Draft::of(stored.as_deref(), systems);
        view! { <Form draft /> }
    };
    let waiting = move || match error.get() {
        Some(error) if error.is_not_found() => gone().into_any(),
        Some(_) => ().into_any(),
        None => view! { <Skeleton rows=5 height=64 /> }.into_any(),
    };
    let body = move || {
        if ready.get() {
            form().into_any()
        } else {
            waiting.into_any()
        }
    };
    let shown = derive(move || error.get().filter(|error| !error.is_not_found()));
    view! {
        <Notice error=shown retry=move |()| { systems.refresh(); stored.refresh() } />
        {body}
    }
}

fn gone() -> impl IntoView {
    view! {
        <EmptyState title="This connection does not exist" text="It may have been deleted.">
            <a class="btn" href=Route::Connections.path()>"To the connections"</a>
        </EmptyState>
    }
}
