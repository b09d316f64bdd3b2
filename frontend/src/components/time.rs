//! Moments and ages: short on the page, in full on hover, always with the zone.

use crate::reactive::{memo, when};
use brokerscope_contract::Timestamp;
use brokerscope_figures::{calendar, format};
use leptos::prelude::*;

use crate::state::clock;

/// "4 s ago", moving with the clock.
#[component]
pub fn Ago(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let text = memo(move || format::ago(seconds_since(at.get())));
    view! { <time datetime=move || calendar::rfc3339(at.get().0) title=move || full(at.get())>{text}</time> }
}

/// "02:41 UTC", with the day when it is not today.
#[component]
pub fn Clock(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    view! {
        <time datetime=move || calendar::rfc3339(at.get().0) title=move || full(at.get())>
            {move || clock_text(at.get().0, clock::now())}
        </time>
    }
}

/// "12 min since 02:41 UTC": how long something has been so.
#[component]
pub fn Lasting(#[prop(into)] since: Signal<Timestamp>) -> impl IntoView {
    let text = memo(move || format::duration_short(seconds_since(since.get()).floor()));
    // The beginning of time stands for a beginning that nobody saw.
    let known = move || since.get().0 > 0;
    when(known, move || {
        view! {
            <span class="lasting">
                <b>{text}</b>
                " "
                <small>"since "<Clock at=since /></small>
            </span>
        }
        .into_any()
    })
}

fn seconds_since(at: Timestamp) -> f64 {
    ((clock::ticking_now() - at.0) as f64 / 1000.0).max(0.0)
}

fn clock_text(at: i64, now: i64) -> String {
    if now.div_euclid(calendar::DAY) == at.div_euclid(calendar::DAY) {
        format::clock(at)
    } else {
        format!("{}, {}", calendar::day_month(at), format::clock(at))
    }
}

/// The whole moment in UTC and in the reader's own zone.
fn full(at: Timestamp) -> String {
    let local = js_sys::Date::new(&(at.0 as f64).into());
    let local = local.to_locale_string("en-GB", &wasm_bindgen::JsValue::UNDEFINED);
    format!("{} ({} on your clock)", calendar::whole(at.0), String::from(local))
}
