//! The demo among the connections: switched off on its card, and on again at the end of the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Button, Look, Notice};

/// In place of editing and deleting, on the card of the demo's connection.
pub fn switch_off(error: RwSignal<Option<ApiError>>, changed: Callback<()>) -> AnyView {
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            error.try_set(api::demo::switch_off().await.err());
            busy.try_set(false);
            changed.try_run(());
        });
    };
    view! { <Button press busy>"Switch the demo off"</Button> }.into_any()
}

/// Offered while the demo is off.
pub fn switch_on(changed: Callback<()>) -> AnyView {
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            error.try_set(api::demo::switch_on().await.err());
            busy.try_set(false);
            changed.try_run(());
        });
    };
    view! {
        <Notice error />
        <p class="muted">
            "The demo is off. "
            <Button look=Look::Quiet press busy>"Switch the demo on"</Button>
        </p>
    }
    .into_any()
}
