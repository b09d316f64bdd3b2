//! The parts that the page's code is loaded in.
//!
//! What every page stands in, and the overview, come first. The other pages lie in three more files, which are loaded
//! when one of their pages is opened, or ahead of that once the browser has nothing else to do.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::api::entities::Table;
use crate::components::Skeleton;
use crate::pages;
use crate::route::Route;

/// The code of some pages: draws the page at an address.
type Draw = fn(Route) -> AnyView;

/// How long the first page has the network and the processor for itself.
const HEAD_START: Duration = Duration::from_millis(1_500);

/// What is there of each part. Provided once, by the app.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    reading: RwSignal<Loaded>,
    graph: RwSignal<Loaded>,
    editing: RwSignal<Loaded>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Reading,
    Graph,
    Editing,
}

#[derive(Debug, Clone, Copy)]
enum Loaded {
    NotYet,
    Loading,
    /// It could not be had, for instance because the server was upgraded since this page was opened.
    Failed,
    Here(Draw),
}

impl Parts {
    /// Begins to load everything, after the first page has had its time.
    pub fn start() -> Parts {
        let parts = Parts {
            reading: RwSignal::new(Loaded::NotYet),
            graph: RwSignal::new(Loaded::NotYet),
            editing: RwSignal::new(Loaded::NotYet),
        };
        spawn_local(async move {
            sleep(HEAD_START).await;
            for part in [Part::Reading, Part::Graph, Part::Editing] {
                parts.load(part).await;
            }
        });
        parts
    }

    /// The page at an address; while its code is on the way, what says so. Tracks the loading.
    pub fn page(self, route: Route) -> AnyView {
        let part = match route {
            Route::Overview => return view! { <pages::Overview /> }.into_any(),
            Route::NotFound => return view! { <pages::NotFound /> }.into_any(),
            Route::Destinations
            | Route::Subscriptions
            | Route::Entity(_)
            | Route::Alerts
            | Route::Health
            | Route::Faults => Part::Reading,
            Route::Topology => Part::Graph,
            Route::RuleNew | Route::Rule(_) | Route::Connections | Route::ConnectionNew | Route::Connection(_) => {
                Part::Editing
            }
        };
        match self.of(part).get() {
            Loaded::Here(draw) => draw(route),
            Loaded::Failed => not_loaded(),
            Loaded::Loading => view! { <Skeleton rows=4 height=76 /> }.into_any(),
            Loaded::NotYet => {
                spawn_local(self.load(part));
                view! { <Skeleton rows=4 height=76 /> }.into_any()
            }
        }
    }

    fn of(self, part: Part) -> RwSignal<Loaded> {
        match part {
            Part::Reading => self.reading,
            Part::Graph => self.graph,
            Part::Editing => self.editing,
        }
    }

    async fn load(self, part: Part) {
        let loaded = self.of(part);
        if !matches!(loaded.get_untracked(), Loaded::NotYet) {
            return;
        }
        loaded.set(Loaded::Loading);
        let draw = match part {
            Part::Reading => reading().await,
            Part::Graph => graph().await,
            Part::Editing => editing().await,
        };
        loaded.set(draw.map_or(Loaded::Failed, Loaded::Here));
    }
}

fn not_loaded() -> AnyView {
    let reload = |_| {
        // Whoever cannot reload has left already.
        window().location().reload().ok();
    };
    view! {
        <div class="notice warn" role="alert">
            <p>
                "This page could not be loaded: the server did not answer, or it was upgraded meanwhile. "
                <button type="button" class="btn" on:click=reload>"Load again"</button>
            </p>
        </div>
    }
    .into_any()
}

#[wasm_split(reading, wasm_split_path = leptos::wasm_split, fallible)]
fn reading() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::Subscriptions => view! { <pages::Queues table=Table::Subscriptions /> }.into_any(),
        Route::Entity(id) => view! { <pages::Entity id /> }.into_any(),
        Route::Alerts => view! { <pages::Alerts /> }.into_any(),
        Route::Health => view! { <pages::Health /> }.into_any(),
        Route::Faults => view! { <pages::Faults /> }.into_any(),
        _ => view! { <pages::Queues table=Table::Destinations /> }.into_any(),
    })
}

#[wasm_split(graph, wasm_split_path = leptos::wasm_split, fallible)]
fn graph() -> Result<Draw, SplitLoaderError> {
    Ok(|_| view! { <pages::Topology /> }.into_any())
}

#[wasm_split(editing, wasm_split_path = leptos::wasm_split, fallible)]
fn editing() -> Result<Draw, SplitLoaderError> {
    Ok(|route| match route {
        Route::RuleNew => view! { <pages::RuleEditor id=None /> }.into_any(),
        Route::Rule(id) => view! { <pages::RuleEditor id=Some(id) /> }.into_any(),
        Route::ConnectionNew => view! { <pages::ConnectionForm id=None /> }.into_any(),
        Route::Connection(id) => view! { <pages::ConnectionForm id=Some(id) /> }.into_any(),
        _ => view! { <pages::Connections /> }.into_any(),
    })
}
