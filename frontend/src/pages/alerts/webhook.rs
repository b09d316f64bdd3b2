//! The webhook that is told when an alert fires or ends: its address, a test, the last delivery.

use brokerscope_contract::Status;
use brokerscope_contract::api::path;
use brokerscope_contract::api::webhook::{Delivery, WebhookView};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Ago, Button, Confirm, Look, Notice, StatusMark};
use crate::forms::{Labelled, Problems, TextInput, guard_unsaved};
use crate::reactive::{derive, memo, redrawn, when};
use crate::state::{Fetched, fetched, use_live};

#[component]
pub fn Webhook() -> impl IntoView {
    let live = use_live();
    let stored = fetched::<WebhookView>(|| Some(path::WEBHOOK.into()), move || live.follow_alerts());
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<ApiError>);
    let problems = Problems::none();
    let tried = RwSignal::new(None::<Delivery>);
    let set = move |url: String| spawn_local(set(url, typed, problems, error, stored));
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let url = typed.get_untracked().trim().to_string();
        // Nothing typed leaves what is stored.
        if !url.is_empty() {
            set(url);
        }
    };
    let test = move |()| spawn_local(test(tried, error, stored));
    let asked = RwSignal::new(false);
    guard_unsaved(
        move || typed.with_untracked(|typed| !typed.trim().is_empty()),
        "The address that you have typed is not saved. Leave all the same?",
    );
    let has_one = memo(move || address(stored).is_some());
    view! {
        <section aria-labelledby="webhook">
            <h2 id="webhook">"Who is told"</h2>
            <form class="card webhook" on:submit=save novalidate>
                <AddressInput stored typed problems />
                <div class="actions">
                    <button type="submit" class="btn main">"Save"</button>
                    {when(move || has_one.get(), move || view! {
                        <Button press=test>"Send a test"</Button>
                        <Button look=Look::Quiet press=move |()| asked.set(true)>"Remove"</Button>
                    }.into_any())}
                </div>
                <Confirm
                    open=asked
                    title="Remove the webhook?"
                    text="Nobody is told of alerts then, and the address has to be entered again."
                    yes="Remove"
                    confirmed=move |()| set(String::new())
                />
                <Notice error />
                {redrawn(move || tried.get().or_else(|| last(stored)).map(delivery).into_any())}
            </form>
        </section>
    }
    .into_any()
}

/// The stored address is shown only as far as it holds no secret, so it is never the text of the input.
#[component]
fn AddressInput(stored: Fetched<WebhookView>, typed: RwSignal<String>, problems: Problems) -> impl IntoView {
    let problem = derive(move || problems.of("url"));
    let changed = move |text: String| {
        problems.forget("url");
        typed.set(text);
    };
    let placeholder = derive(move || match address(stored) {
        Some(address) => format!("{address} · stored"),
        None => "https://hooks.example/…".into(),
    });
    view! {
        <Labelled
            id="webhook-url"
            label="Webhook"
            help="Gets a JSON message by POST when an alert fires and when it ends."
            problem
        >
            <TextInput id="webhook-url" value=typed changed problem placeholder keyboard="url" />
        </Labelled>
    }
}

async fn set(
    url: String,
    typed: RwSignal<String>,
    problems: Problems,
    error: RwSignal<Option<ApiError>>,
    stored: Fetched<WebhookView>,
) {
    match api::webhook::set(url).await {
        Ok(_) => {
            typed.try_set(String::new());
            error.try_set(None);
            stored.refresh();
        }
        Err(refusal) => {
            let at_field = problems.take(&refusal);
            error.try_set(Some(refusal).filter(|_| !at_field));
        }
    }
}

fn address(stored: Fetched<WebhookView>) -> Option<String> {
    stored.get().and_then(|view| view.url.clone())
}

fn last(stored: Fetched<WebhookView>) -> Option<Delivery> {
    stored.get().and_then(|view| view.last_delivery.clone())
}

async fn test(tried: RwSignal<Option<Delivery>>, error: RwSignal<Option<ApiError>>, stored: Fetched<WebhookView>) {
    match api::webhook::test().await {
        Ok(delivery) => {
            error.try_set(None);
            tried.try_set(Some(delivery));
            stored.refresh();
        }
        Err(refusal) => {
            error.try_set(Some(refusal));
        }
    }
}

fn delivery(delivery: Delivery) -> impl IntoView {
    let status = if delivery.delivered {
        Status::Ok
    } else {
        Status::Critical
    };
    let word = if delivery.delivered {
        "Delivered"
    } else {
        "Not delivered"
    };
    view! {
        <p class="delivery" role="status">
            <StatusMark status />
            <b>{word}</b>
            " "
            <Ago at=delivery.at />
            {format!(": {}", delivery.text)}
        </p>
    }
}
