//! The demo's faults: switched on and off, with what to expect and where it shows.

mod row;

use brokerscope_contract::api::demo::{DemoView, OrderTotals};
use brokerscope_contract::api::path;
use brokerscope_figures::format;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Button, EmptyState, Icon, Notice, Symbol, each};
use crate::reactive::{derive, memo, redrawn};
use crate::route::Route;
use crate::state::{fetched, use_live};
use row::FaultRow;

#[component]
pub fn Faults() -> impl IntoView {
    let live = use_live();
    let demo = fetched::<DemoView>(|| Some(path::DEMO.into()), move || live.follow_all());
    let failed = RwSignal::new(None::<ApiError>);
    let is_off = memo(move || demo.error().is_some_and(|error| error.is_not_found()));
    let error = derive(move || failed.get().or_else(|| demo.error()).filter(|_| !is_off.get()));
    let changed = Callback::new(move |outcome: Option<ApiError>| {
        failed.try_set(outcome);
        demo.refresh();
    });
    let reset = move |()| {
        spawn_local(async move {
            changed.try_run(api::demo::reset().await.err());
        });
    };
    let faults = derive(move || demo.get().map(|demo| demo.faults.clone()).unwrap_or_default());
    let row = move |fault| view! { <FaultRow fault changed /> }.into_any();
    let running = move || {
        view! {
            <div class="page-head">
                <div>
                    <h1>"Faults"</h1>
                    <p class="sub num">{derive(move || demo.get().map(|demo| told(demo.totals)))}</p>
                </div>
                <Button press=reset>"Reset: heal everything"</Button>
            </div>
            {redrawn(move || demo.get().and_then(|demo| ended(&demo.ended_services)).into_any())}
            <ul class="card rules">{each(faults, |fault| fault.slug.clone(), row)}</ul>
        }
        .into_any()
    };
    view! {
        <Notice error retry=move |()| demo.refresh() />
        {redrawn(move || if is_off.get() { off() } else { running() })}
    }
    .into_any()
}

fn off() -> AnyView {
    view! {
        <h1>"Faults"</h1>
        <EmptyState
            title="The demo is off"
            text="Faults are made in the demo shop, never in your brokers. The shop can be switched on at the end of the connections page."
        >
            <a class="btn" href=Route::Connections.path()>"To the connections"</a>
        </EmptyState>
    }
    .into_any()
}

/// What is wrong with the demo itself, where something is.
fn ended(services: &[String]) -> Option<AnyView> {
    let names = services.join(", ");
    let words = format!("Ended by a mistake in the demo: {names}. Switch the demo off and on again.");
    let notice = || {
        view! {
            <div class="notice crit" role="alert">
                <Icon symbol=Symbol::Warning />
                <p>{words}</p>
            </div>
        }
    };
    (!services.is_empty()).then(|| notice().into_any())
}

/// "1,204 orders = 1,180 completed + 20 cancelled + 4 in flight".
fn told(totals: OrderTotals) -> String {
    let count = |n: u64| format::count(n as f64);
    format!(
        "{} orders = {} completed + {} cancelled + {} in flight",
        count(totals.orders),
        count(totals.completed),
        count(totals.cancelled),
        count(totals.in_flight)
    )
}
