//! The present moment: ticking for ages on the page, and corrected to the server's clock.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;

/// A smaller difference is the travel time of an answer and the one-second steps of the `Date` header.
const TOLERATED_MILLIS: f64 = 2_500.0;

thread_local! {
    /// Milliseconds to add to the browser's clock to get the server's.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// Milliseconds since the epoch now, by the server's clock: times on the page come from there.
pub fn now() -> i64 {
    (js_sys::Date::now() + AHEAD.get()) as i64
}

/// Milliseconds of the browser's own clock, to measure with: the other one may be put right in between.
pub fn own() -> f64 {
    js_sys::Date::now()
}

/// Takes note of the `Date` header of an answer. A phone's clock may be minutes off; ages must not be.
pub fn server_said(date: &str) {
    let ahead = js_sys::Date::parse(date) - js_sys::Date::now();
    if ahead.is_finite() {
        AHEAD.set(if ahead.abs() > TOLERATED_MILLIS { ahead } else { 0.0 });
    }
}

/// A signal of the present moment, in milliseconds, that moves every second while the page is visible.
#[derive(Debug, Clone, Copy)]
pub struct Ticking(RwSignal<i64>);

impl Ticking {
    pub fn start() -> Ticking {
        let ticking = Ticking(RwSignal::new(now()));
        set_interval(
            move || {
                if !document().hidden() {
                    ticking.0.set(now());
                }
            },
            Duration::from_secs(1),
        );
        ticking
    }
}

/// The present moment in milliseconds, tracked: what reads it is drawn anew every second.
pub fn ticking_now() -> i64 {
    use_context::<Ticking>().map_or_else(now, |ticking| ticking.0.get())
}
