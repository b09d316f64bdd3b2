//! Hears the keyboard and does what the keyboard map says.

use std::cell::RefCell;

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

use super::Overlays;
use super::keys::{self, Action, Meaning};
use crate::state::{Address, Range, use_address, use_range};

/// The second key of a pair must be pressed within this time, in milliseconds. It is counted from press to
/// press: a busy page hears both late, which is not the reader's hesitation.
const PAIR_MILLIS: f64 = 1_500.0;

pub fn listen(overlays: Overlays) {
    let (address, range) = (use_address(), use_range());
    let before = RefCell::new(None::<(String, f64)>);
    window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if opens_palette(&event) {
            event.prevent_default();
            overlays.palette.update(|open| *open = !*open);
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() || typing(&event) {
            return;
        }
        let now = event.time_stamp();
        let earlier = before.take().filter(|(_, at)| now - at < PAIR_MILLIS);
        match keys::meaning(earlier.as_ref().map(|(key, _)| key.as_str()), &event.key()) {
            Meaning::Nothing => {}
            Meaning::FirstHalf => drop(before.replace(Some((event.key(), now)))),
            Meaning::Act(action) => {
                event.prevent_default();
                act(action, overlays, address, range);
            }
        }
    });
}

fn opens_palette(event: &KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.shift_key() && event.key().eq_ignore_ascii_case("k")
}

/// Keys belong to the field or dialog that has the focus.
fn typing(event: &KeyboardEvent) -> bool {
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let inside = |element: Element| {
        element
            .closest("input, textarea, select, [contenteditable], dialog")
            .ok()
            .flatten()
    };
    target.and_then(inside).is_some()
}

fn act(action: Action, overlays: Overlays, address: Address, range: Range) {
    match action {
        Action::Help => overlays.help.set(true),
        Action::Search => search(overlays),
        Action::Go(route) => address.go(&route.path()),
        Action::NextRow => move_row(1),
        Action::PreviousRow => move_row(-1),
        Action::Back => back(address),
        Action::Earlier => range.shift(-1),
        Action::Later => range.shift(1),
        Action::ZoomOut => range.zoom_out(),
        Action::CopyRange => copy(&range.written().to_string()),
        Action::PasteRange => paste(range),
    }
}

fn search(overlays: Overlays) {
    match find("[data-search]") {
        Some(field) => drop(field.focus()),
        None => overlays.palette.set(true),
    }
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Rows are the links marked `data-row`, in the order of the document.
fn move_row(by: i32) {
    let Ok(rows) = document().query_selector_all("[data-row]") else {
        return;
    };
    let focused = document().active_element();
    let present: Option<u32> =
        (0..rows.length()).find(|i| rows.item(*i).is_some_and(|row| focused.as_deref() == Some(&row)));
    let next = match present {
        Some(i) => i.saturating_add_signed(by),
        None => 0,
    };
    if let Some(row) = rows.item(next).and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

/// First out of what has the focus, then back a page.
fn back(address: Address) {
    let focused = document()
        .active_element()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    match focused {
        Some(element) if !matches!(element.tag_name().as_str(), "BODY" | "MAIN") => drop(element.blur()),
        _ => address.back(),
    }
}

fn copy(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}

fn paste(range: Range) {
    spawn_local(async move {
        let text = JsFuture::from(window().navigator().clipboard().read_text()).await;
        if let Some(text) = text.ok().and_then(|text| text.as_string()) {
            range.set_written(&text);
        }
    });
}
