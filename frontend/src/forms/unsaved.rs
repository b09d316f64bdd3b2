//! Asks before typed text is lost, on the way to another page and when the window is closed.

use leptos::ev;
use leptos::prelude::*;

use crate::state::use_address;

/// Guards the present page for as long as the calling component lives.
pub fn guard_unsaved(is_dirty: impl Fn() -> bool + Copy + Send + Sync + 'static, question: &'static str) {
    use_address().guard(Callback::new(move |()| {
        !is_dirty() || window().confirm_with_message(question).unwrap_or(true)
    }));
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if is_dirty() {
            event.prevent_default();
        }
    });
    on_cleanup(move || closing.remove());
}
