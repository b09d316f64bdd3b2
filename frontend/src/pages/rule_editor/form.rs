//! The rule's inputs beside the chart, and saving.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::connection::Origin;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::condition::Condition;
use super::draft::Draft;
use super::meaning::Meaning;
use super::past::Past;
use super::scope::ScopeInputs;
use crate::api::{self, ApiError};
use crate::components::{Look, Notice};
use crate::forms::guard_unsaved;
use crate::reactive::{derive, redrawn};
use crate::route::Route;
use crate::state::{Address, use_address};

#[component]
pub fn Form(draft: Draft, connections: Vec<ConnectionView>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let address = use_address();
    guard_unsaved(move || draft.is_dirty(), "The rule is not saved. Leave all the same?");
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(save(draft, error, busy, address));
    };
    let title = if draft.id.0 == 0 {
        "New rule".into()
    } else {
        draft.name.get_untracked()
    };
    let note = match draft.origin {
        Origin::Page | Origin::Demo => None,
        Origin::File => Some("Declared in the configuration file: change it there."),
        Origin::BuiltIn => Some("Built in: it can be changed and switched off, not deleted."),
    };
    view! {
        <h1>{title}</h1>
        {note.map(|note| view! { <p class="sub">{note}</p> })}
        <form class="rule-editor" on:submit=submit novalidate>
            <Past draft />
            <div class="inputs card">
                <Condition draft />
                <ScopeInputs draft connections />
                <Meaning draft />
                <Notice error />
                <Actions draft busy />
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Actions(draft: Draft, busy: RwSignal<bool>) -> impl IntoView {
    let save = (!draft.is_fixed()).then(|| {
        view! {
            <button type="submit" class=Look::Main.class() aria-busy=derive(move || busy.get().then_some("true"))>
                "Save rule"
            </button>
        }
    });
    view! {
        {redrawn(move || draft.problems.summary().map(|text| view! { <p class="field-error">{text}</p> }).into_any())}
        <div class="actions form-actions">
            {save}
            <a class="btn quiet" href=Route::Alerts.path()>"Cancel"</a>
        </div>
    }
}

async fn save(draft: Draft, error: RwSignal<Option<ApiError>>, busy: RwSignal<bool>, address: Address) {
    let Ok(rule) = untrack(|| draft.rule()) else {
        // What cannot be read is marked already.
        draft.problems.focus_first();
        return;
    };
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let outcome = match rule.id.0 {
        0 => api::rules::create(&rule).await,
        _ => api::rules::update(&rule).await,
    };
    if busy.try_set(false).is_some() {
        return;
    }
    match outcome {
        Ok(_) => {
            draft.saved();
            address.go(&Route::Alerts.path());
        }
        Err(refusal) => {
            let at_fields = draft.problems.take(&refusal);
            if at_fields {
                draft.problems.focus_first();
            }
            error.set(Some(refusal).filter(|_| !at_fields));
        }
    }
}
