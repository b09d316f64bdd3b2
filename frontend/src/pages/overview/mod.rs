//! What needs a person, in words first; then every connection, then the destinations, worst first.

mod attention;
mod connections;
mod demo_strip;
mod destinations;
mod headline;

use std::sync::Arc;

use crate::reactive::{derive, memo};

use brokerscope_contract::System;
use brokerscope_contract::api::overview::Overview as Answer;
use leptos::prelude::*;

use crate::components::{Ago, EmptyState, Notice, Skeleton};
use crate::route::Route;
use crate::state::use_news;
use attention::NeedsYou;
use connections::ConnectionList;
use demo_strip::DemoStrip;
use destinations::WorstFirst;

#[component]
pub fn Overview() -> impl IntoView {
    let fetched = use_news().fetched();
    let known = memo(move || fetched.get().map(|answer| !answer.connections.is_empty()));
    let answer = derive(move || fetched.get());
    let body = move || match known.get() {
        None => view! { <Skeleton rows=3 height=76 /> }.into_any(),
        Some(false) => first_run(),
        Some(true) => view! { <Filled answer /> }.into_any(),
    };
    let error = derive(move || fetched.error().filter(|_| known.get().is_none()));
    view! {
        <Notice error retry=move |()| fetched.refresh() />
        {body}
    }
}

#[component]
fn Filled(answer: Signal<Option<Arc<Answer>>>) -> impl IntoView {
    let said = move |say: fn(&Answer) -> String| move || answer.with(|answer| answer.as_deref().map(say));
    let as_of = memo(move || answer.with(|answer| answer.as_deref().and_then(|answer| answer.as_of)));
    let freshness = move || as_of.get().map(|at| view! { " · as of "<Ago at /> });
    view! {
        <h1>{said(headline::headline)}</h1>
        <p class="sub num">{said(headline::counts)} {freshness}</p>
        <DemoStrip />
        <div class="overview">
            <section>
                <NeedsYou answer />
                <ConnectionList answer />
            </section>
            <section>
                <WorstFirst />
            </section>
        </div>
    }
}

/// All that can be watched, as part of a sentence.
fn systems() -> String {
    let labels: Vec<&str> = System::ALL.iter().map(|system| system.label()).collect();
    match labels.split_last() {
        Some((last, others)) => format!("{}, and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Nothing is configured: the page leads to the one thing to do.
fn first_run() -> AnyView {
    view! {
        <h1>"Nothing is watched yet"</h1>
        <EmptyState
            title="Connect a broker"
            text=format!(
                "Brokerscope reads {}, changes nothing in them, and shows what is stuck, since when and why. \
                          Adding one takes an address and a login; a test says step by step what will be visible.",
                systems()
            )
        >
            <a class="btn main" href=Route::ConnectionNew.path()>"Add a connection"</a>
        </EmptyState>
    }
    .into_any()
}
