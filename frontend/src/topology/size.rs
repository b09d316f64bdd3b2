//! The size of an element, kept up to date.

use crate::reactive::effect;
use brokerscope_figures::layout::Size;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// The inner size of a `div` in pixels; zero until it is in the document.
pub fn size_of(place: NodeRef<html::Div>) -> Signal<Size> {
    let size = RwSignal::new(Size::default());
    let watching = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    effect(move || {
        let Some(element) = place.get() else { return };
        let measure = move || {
            let Some(element) = place.try_get_untracked().flatten() else {
                return;
            };
            let now = Size {
                width: f64::from(element.client_width()),
                height: f64::from(element.client_height()),
            };
            if size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
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
    size.into()
}
