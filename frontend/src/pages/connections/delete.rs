//! Deleting a connection with all that was stored of it; asks for its name, because it cannot be undone.

use brokerscope_contract::api::connections::ConnectionView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Dialog, Look};
use crate::forms::{Labelled, Problems, TextInput};
use crate::reactive::{derive, memo};

#[component]
pub fn DeleteConnection(
    open: RwSignal<bool>,
    connection: Signal<ConnectionView>,
    error: RwSignal<Option<ApiError>>,
    changed: Callback<()>,
) -> impl IntoView {
    let name = memo(move || connection.with(|connection| connection.name.clone()));
    let id = connection.with_untracked(|connection| connection.id);
    let remove = Callback::new(move |()| {
        open.set(false);
        spawn_local(async move {
            error.try_set(api::connections::delete(id).await.err());
            changed.try_run(());
        });
    });
    let title = derive(move || format!("Delete {}?", name.get()));
    view! {
        <Dialog open title class="small">
            <Ask name open remove />
        </Dialog>
    }
}

#[component]
fn Ask(name: Memo<String>, open: RwSignal<bool>, remove: Callback<()>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let problems = Problems::none();
    let wrong = RwSignal::new(None);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if typed.get_untracked().trim() == name.get_untracked() {
            remove.run(());
        } else {
            wrong.set(Some(brokerscope_contract::FieldProblem::new(
                "name",
                "is not its name",
                format!("Type {}.", name.get_untracked()),
            )));
            problems.focus_first();
        }
    };
    let changed = move |text: String| {
        wrong.set(None);
        typed.set(text);
    };
    view! {
        <form on:submit=submit novalidate>
            <p>
                "Its settings and everything that was measured of it are removed. The broker itself is not touched. "
                "This cannot be undone."
            </p>
            <Labelled id="delete-name" label="Type the connection's name" required=true problem=wrong>
                <TextInput id="delete-name" value=typed changed problem=wrong placeholder=name autofocus=true />
            </Labelled>
            <div class="actions">
                <button type="button" class=Look::Plain.class() on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="submit" class=Look::Danger.class()>"Delete with all its data"</button>
            </div>
        </form>
    }
}
