//! The form drawn from the chosen system's field table, with test and save.

use brokerscope_contract::Field;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::systems::SystemCards;
use super::test_panel::{Test, TestPanel};
use crate::api::{self, ApiError};
use crate::components::{Button, Look, Notice};
use crate::forms::{Labelled, SettingInput, TextInput, guard_unsaved};
use crate::reactive::{derive, memo, redrawn, when};
use crate::route::Route;
use crate::state::{Address, use_address};

#[component]
pub fn Form(draft: Draft) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let test = Test::new(draft, error);
    guard_unsaved(
        move || draft.is_dirty(),
        "What you have typed is not saved. Leave all the same?",
    );
    let address = use_address();
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(save(draft, error, busy, address));
    };
    let title = match draft.id {
        Some(_) => draft.name.get_untracked(),
        None => "Add a connection".into(),
    };
    let chosen = memo(move || draft.system.get().is_some());
    view! {
        <h1>{title}</h1>
        {draft.fixed.map(|why| view! { <p class="sub">{why}</p> })}
        <form class="connection-form" on:submit=save novalidate>
            <div class="inputs">
                {(draft.id.is_none()).then(|| view! { <SystemCards draft /> })}
                {when(move || chosen.get(), move || view! {
                    <Inputs draft />
                    <Notice error />
                    <Actions draft busy test />
                }.into_any())}
            </div>
            {when(move || chosen.get(), move || view! {
                <TestPanel test />
            }.into_any())}
        </form>
    }
    .into_any()
}

#[component]
fn Inputs(draft: Draft) -> impl IntoView {
    let problem = derive(move || draft.problems.of("name"));
    let changed = move |text: String| {
        draft.problems.forget("name");
        draft.name.set(text);
    };
    let fields = memo(move || draft.fields());
    let plain = move || {
        fields
            .get()
            .into_iter()
            .filter(|field| !field.advanced)
            .collect::<Vec<_>>()
    };
    let advanced = move || {
        fields
            .get()
            .into_iter()
            .filter(|field| field.advanced)
            .collect::<Vec<_>>()
    };
    let wrong_inside = move || {
        let keys = advanced().into_iter().map(|field| format!("settings.{}", field.key));
        keys.into_iter().any(|key| draft.problems.of(&key).is_some())
    };
    view! {
        <Labelled id="name" label="Name" help="What it is called on every page." required=true problem>
            <TextInput
                id="name"
                value=draft.name
                changed
                problem
                placeholder="shop-eu"
                autofocus=draft.id.is_none()
                readonly=draft.fixed.is_some()
            />
        </Labelled>
        {redrawn(move || inputs(draft, plain()).into_any())}
        {when(move || !advanced().is_empty(), move || view! {
            <details class="advanced" prop:open=wrong_inside>
                <summary>"More settings"</summary>
                {redrawn(move || inputs(draft, advanced()).into_any())}
            </details>
        }.into_any())}
        <Elsewhere draft />
    }
    .into_any()
}

fn inputs(draft: Draft, fields: Vec<Field>) -> impl IntoView {
    let one = move |field: Field| {
        let stored = draft.has_stored_secret(&field.key);
        let shown = {
            let field = field.clone();
            memo(move || draft.entries.with(|entries| entries.is_shown(&field, &draft.fields())))
        };
        let (entries, problems, readonly) = (draft.entries, draft.problems, draft.fixed.is_some());
        view! {
            {when(move || shown.get(), move || view! {
                <SettingInput field=field.clone() entries problems stored readonly />
            }.into_any())}
        }
    };
    fields.into_iter().map(one).collect_view()
}

/// Problems with something that has no input here, such as a field of another version of the server.
#[component]
fn Elsewhere(draft: Draft) -> impl IntoView {
    let rest = move || {
        let fields = draft.fields();
        draft.problems.elsewhere(|path| {
            let key = path.strip_prefix("settings.");
            path == "name" || fields.iter().any(|field| Some(field.key.as_str()) == key)
        })
    };
    move || {
        let line = |problem: brokerscope_contract::FieldProblem| {
            view! { <p class="field-error" role="alert">{format!("{}: {} {}", problem.field, problem.detail, problem.remedy)}</p> }
        };
        rest().into_iter().map(line).collect_view()
    }
}

#[component]
fn Actions(draft: Draft, busy: RwSignal<bool>, test: Test) -> impl IntoView {
    let words = if draft.id.is_some() {
        "Save changes"
    } else {
        "Save and watch"
    };
    let save = draft.fixed.is_none().then(|| {
        view! {
            <button type="submit" class=Look::Main.class() aria-busy=derive(move || busy.get().then_some("true"))>{words}</button>
        }
    });
    view! {
        {redrawn(move || draft.problems.summary().map(|text| view! { <p class="field-error">{text}</p> }).into_any())}
        <div class="actions form-actions">
            {save}
            <Button press=move |()| test.start()>"Test the connection"</Button>
            <a class="btn quiet" href=Route::Connections.path()>"Cancel"</a>
        </div>
    }
}

async fn save(draft: Draft, error: RwSignal<Option<ApiError>>, busy: RwSignal<bool>, address: Address) {
    let Some(request) = draft.request().filter(|_| !busy.get_untracked()) else {
        return;
    };
    busy.set(true);
    draft.problems.clear();
    let outcome = match draft.id {
        Some(id) => api::connections::update(id, &request).await,
        None => api::connections::create(&request).await,
    };
    // The page may have been left meanwhile.
    if busy.try_set(false).is_some() {
        return;
    }
    match outcome {
        Ok(_) => {
            draft.saved();
            address.go(&Route::Connections.path());
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
