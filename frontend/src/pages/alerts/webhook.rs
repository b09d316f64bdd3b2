//! The webhook that is told when an alert fires or ends: its address, a test, the last delivery.

use brokerscope_contract::Status;
use brokerscope_contract::api::path;
use brokerscope_contract::api::webhook::{Delivery, WebhookView};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Ago, Button, Notice, StatusMark};
use crate::forms::{Labelled, Problems, TextInput};
use crate::reactive::{derive, memo, redrawn, when};
use crate::state::{Fetched, fetched, use_live};

#[component]
pub fn Webhook() -> impl IntoView {
    let live = use_live();
    let stored = fetched::<WebhookView>(|| Some(path::WEBHOOK.into()), move || live.follow_alerts());
    let url = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<ApiError>);
    let problems = Problems::none();
    let tried = RwSignal::new(None::<Delivery>);
    let shown = derive(move || url.get().or_else(|| address(stored)).unwrap_or_default());
    let problem = derive(move || problems.of("url"));
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        // What is shown of the stored address lacks its query and password: only what was typed is sent.
        let Some(typed) = url.get_untracked() else { return };
        spawn_local(async move {
            let outcome = api::webhook::set(typed.trim().to_string()).await;
            let refused = outcome.as_ref().err().is_some_and(|error| problems.take(error));
            if outcome.is_ok() {
                url.try_set(None);
                stored.refresh();
            }
            error.try_set(outcome.err().filter(|_| !refused));
        });
    };
    let changed = move |text: String| {
        problems.forget("url");
        url.set(Some(text));
    };
    let test = move |()| spawn_local(test(tried, error, stored));
    let has_one = memo(move || address(stored).is_some());
    view! {
        <section aria-labelledby="webhook">
            <h2 id="webhook">"Who is told"</h2>
            <form class="card webhook" on:submit=save novalidate>
                <Labelled
                    id="webhook-url"
                    label="Webhook"
                    help="Gets a JSON message by POST when an alert fires and when it ends. Empty: nobody is told."
                    problem
                >
                    <TextInput
                        id="webhook-url"
                        value=shown
                        changed
                        problem
                        placeholder="https://hooks.example/…"
                        keyboard="url"
                    />
                </Labelled>
                <div class="actions">
                    <button type="submit" class="btn main">"Save"</button>
                    {when(move || has_one.get(), move || view! {
                        <Button press=test>"Send a test"</Button>
                    }.into_any())}
                </div>
                <Notice error />
                {redrawn(move || tried.get().or_else(|| last(stored)).map(delivery).into_any())}
            </form>
        </section>
    }
    .into_any()
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
