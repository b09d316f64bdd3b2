//! Whether the page follows the brokers, and the button that stops and resumes that.

use brokerscope_figures::format;
use leptos::prelude::*;

use crate::reactive::memo;
use crate::state::live::Link;
use crate::state::{clock, use_live};

#[component]
pub fn LivePill() -> impl IntoView {
    let live = use_live();
    let state = memo(move || match (live.paused(), live.link()) {
        (true, _) => ("Paused".to_string(), "pill paused"),
        (false, Link::Open) => ("Live".to_string(), "pill live"),
        (false, Link::Connecting) => ("Connecting".to_string(), "pill waiting"),
        (false, Link::Lost(since)) => (lost_for(since), "pill lost"),
    });
    let tip = move || match live.paused() {
        true => "Resume: follow the brokers again",
        false => "Pause: keep what is shown as it is",
    };
    view! {
        <button
            type="button"
            class=move || state.get().1
            data-tip=tip
            aria-pressed=move || live.paused().to_string()
            on:click=move |_| live.set_paused(!live.paused())
        >
            {move || state.get().0}
        </button>
    }
}

fn lost_for(since: i64) -> String {
    let seconds = (clock::ticking_now() - since) as f64 / 1000.0;
    format!("No answer, {}", format::duration_short(seconds.max(0.0).floor()))
}
