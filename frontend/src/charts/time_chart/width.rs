//! The width of an element, kept up to date.

use crate::reactive::effect;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// The width of a `div` in pixels; 0 until it is in the document.
pub fn width_of(place: NodeRef<html::Div>) -> Signal<f64> {
    let width = RwSignal::new(0.0);
    let watching = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(element) = place.get() else { return };
        let measure = move || {
            let now = place
                .get_untracked()
                .map_or(0.0, |element| f64::from(element.client_width()));
            if width.try_get_untracked().is_some_and(|before| before != now) {
                width.set(now);
            }
        };
        measure();
        let heard = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(heard.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watching.set_value(Some((observer, heard)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = watching.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    width.into()
}
