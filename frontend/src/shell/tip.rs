//! One tip for the whole page: says what an element's `data-tip` holds, on hover, focus and tap.

use crate::reactive::effect;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// Distance to the element and to the window's edges, in pixels.
const GAP: f64 = 8.0;

#[derive(Debug, Clone, PartialEq)]
struct Shown {
    text: String,
    /// The middle of the element, and its upper and lower edge.
    middle: f64,
    top: f64,
    bottom: f64,
}

#[component]
pub fn Tip() -> impl IntoView {
    let shown = RwSignal::new(None::<Shown>);
    let hide = move || {
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
        }
    };
    let show = move |event: &Event| match about(event) {
        Some(about) => shown.set(Some(about)),
        None => hide(),
    };
    window_event_listener(ev::pointerover, move |event| show(&event));
    window_event_listener(ev::pointerdown, move |event| show(&event));
    window_event_listener(ev::focusin, move |event| show(&event));
    window_event_listener(ev::focusout, move |_| hide());
    window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            hide();
        }
    });
    window_event_listener(ev::scroll, move |_| hide());
    let place = NodeRef::<html::Div>::new();
    effect(move || {
        if let (Some(element), Some(about)) = (place.get(), shown.get()) {
            put(&element, &about);
        }
    });
    move || {
        let text = shown.with(|shown| shown.as_ref().map(|shown| shown.text.clone()));
        text.map(|text| view! { <div class="tip" role="tooltip" node_ref=place>{text}</div> })
    }
}

/// The tip of the element under an event.
fn about(event: &Event) -> Option<Shown> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let element = target.closest("[data-tip]").ok()??;
    // A modal dialog lies above everything else, so a tip would hide behind it.
    if element.closest("dialog").ok()?.is_some() {
        return None;
    }
    let text = element.get_attribute("data-tip").filter(|text| !text.is_empty())?;
    let edges = element.get_bounding_client_rect();
    Some(Shown {
        text,
        middle: edges.left() + edges.width() / 2.0,
        top: edges.top(),
        bottom: edges.bottom(),
    })
}

/// Above the element, or below it where there is no room; never outside the window.
fn put(tip: &web_sys::HtmlElement, about: &Shown) {
    let (width, height) = (f64::from(tip.offset_width()), f64::from(tip.offset_height()));
    let window_width = window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(0.0);
    let left = (about.middle - width / 2.0).min(window_width - width - GAP).max(GAP);
    let above = about.top - height - GAP;
    let top = if above < GAP { about.bottom + GAP } else { above };
    let style = tip.style();
    let _ = style.set_property("left", &format!("{left:.0}px"));
    let _ = style.set_property("top", &format!("{top:.0}px"));
}
