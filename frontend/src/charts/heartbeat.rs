//! The last checks of a connection as a row of bars; hatched where nothing was measured.

use crate::reactive::memo;
use brokerscope_contract::Status;
use brokerscope_contract::api::connections::Beat;
use brokerscope_figures::bars::Bars;
use brokerscope_figures::calendar;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::components::tone_of;

const SLOTS: usize = 90;
const WIDTH: f64 = 450.0;
const HEIGHT: f64 = 22.0;

/// Arrow keys and pointer choose a bar, which is then said in words.
#[component]
pub fn Heartbeat(#[prop(into)] beats: Signal<Vec<Beat>>) -> impl IntoView {
    let chosen = RwSignal::new(None::<usize>);
    let bars = memo(move || geometry(beats.with(Vec::len)));
    let point = move |event: PointerEvent| chosen.set(under(&event, bars.get_untracked()));
    let key = move |event: KeyboardEvent| step(&event, chosen, bars.get_untracked().filled);
    let clear = move || chosen.set(None);
    view! {
        <div class="beats">
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                tabindex="0"
                aria-label=move || beats.with(|beats| describe(beats))
                on:pointermove=point
                on:pointerdown=point
                on:pointerleave=move |_| clear()
                on:blur=move |_| clear()
                on:keydown=key
            >
                {drawn(beats, bars)}
                {move || chosen.get().map(|i| cursor(bars.get(), i))}
            </svg>
            <p class="beat-said" aria-live="polite">
                {move || chosen.get().and_then(|i| beats.with(|beats| beats.get(i).map(said)))}
            </p>
        </div>
    }
}

fn geometry(filled: usize) -> Bars {
    Bars {
        slots: SLOTS,
        filled: filled.min(SLOTS),
        width: WIDTH,
        height: HEIGHT,
    }
}

/// One path per state, not one element per bar. What is worse stands taller.
fn drawn(beats: Signal<Vec<Beat>>, bars: Memo<Bars>) -> impl IntoView {
    let states = [
        (Status::Ok, 3.0),
        (Status::Maintenance, 3.0),
        (Status::Warning, 0.0),
        (Status::Critical, 0.0),
    ];
    let path = move |status, top| beats.with(|beats| bars.get().path(top, |i| is(beats, i, status)));
    let known = states
        .map(|(status, top)| view! { <path class=tone_of(status) d=move || path(status, top) /> })
        .collect_view();
    let unknown = move || beats.with(|beats| bars.get().hatching(|i| is(beats, i, Status::Unknown)));
    view! {
        {known}
        <path class="hatch" d=unknown />
    }
}

fn is(beats: &[Beat], i: usize, status: Status) -> bool {
    beats.get(i).is_some_and(|beat| beat.status == status)
}

fn cursor(bars: Bars, i: usize) -> impl IntoView {
    let (x, width) = bars.bar(i);
    view! { <rect class="cursor" x=x - 1.0 y="0" width=width + 2.0 height=HEIGHT /> }
}

fn under(event: &PointerEvent, bars: Bars) -> Option<usize> {
    let svg: Element = event.current_target()?.dyn_into().ok()?;
    let place = svg.get_bounding_client_rect();
    bars.item((f64::from(event.client_x()) - place.left()) / place.width().max(1.0) * WIDTH)
}

fn step(event: &KeyboardEvent, chosen: RwSignal<Option<usize>>, filled: usize) {
    let Some(last) = filled.checked_sub(1) else { return };
    let now = chosen.get_untracked();
    let next = match event.key().as_str() {
        "ArrowLeft" => now.map_or(last, |i| i.saturating_sub(1)),
        "ArrowRight" => now.map_or(last, |i| (i + 1).min(last)),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    chosen.set(Some(next));
}

fn said(beat: &Beat) -> String {
    let what = match (beat.text.is_empty(), beat.status) {
        (false, _) => beat.text.as_str(),
        (true, Status::Ok) => "ok",
        (true, _) => "not measured",
    };
    format!("{} · {what}", calendar::whole(beat.at.0))
}

fn describe(beats: &[Beat]) -> String {
    let count = |status| beats.iter().filter(|beat| beat.status == status).count();
    if beats.is_empty() {
        return "No checks yet".into();
    }
    let mut text = format!("Last {} checks: {} ok", beats.len(), count(Status::Ok));
    for (status, word) in [
        (Status::Warning, "with warnings"),
        (Status::Critical, "failed"),
        (Status::Unknown, "not measured"),
    ] {
        if count(status) > 0 {
            text.push_str(&format!(", {} {word}", count(status)));
        }
    }
    text + ". Arrow keys choose one."
}
