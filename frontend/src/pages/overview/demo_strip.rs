//! The welcome while the demo runs: that it is one, and the two ways on from it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::{Button, Confirm, Icon, Notice, Symbol};
use crate::reactive::when;
use crate::route::Route;
use crate::state::use_news;

#[component]
pub fn DemoStrip() -> impl IntoView {
    let news = use_news();
    let error = RwSignal::new(None::<ApiError>);
    let asked = RwSignal::new(false);
    let switch_off = move |()| {
        spawn_local(async move {
            error.try_set(api::demo::switch_off().await.err());
            news.fetched().refresh();
        });
    };
    let strip = move || {
        view! {
            <div class="notice info demo">
                <Icon symbol=Symbol::Play />
                <p>
                    <b>"This is a demo. "</b>
                    "An invented shop runs over a broker inside Brokerscope, on this machine only. Break something on the "
                    <a href=Route::Faults.path()>"faults page"</a>
                    " and watch it show."
                </p>
                <a class="btn main" href=Route::ConnectionNew.path()>"Add your own broker"</a>
                <Button press=move |()| asked.set(true)>"Switch the demo off"</Button>
            </div>
            <Confirm
                open=asked
                title="Switch the demo off?"
                text="The shop stops, and what was recorded of it is removed. It can be switched on again on the connections page."
                yes="Switch off"
                confirmed=switch_off
            />
        }
        .into_any()
    };
    view! {
        <Notice error />
        {when(move || news.demo_runs(), strip)}
    }
    .into_any()
}
