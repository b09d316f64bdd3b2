//! Memos, derived signals and effects with boxed closures.
//!
//! Leptos compiles the whole machinery of a memo once for each closure it is given. Boxed, it is compiled once for
//! each type of value, and the page that a browser has to load is far smaller.

use leptos::prelude::*;

/// A value computed from signals, computed anew when they change, and announced only when it differs.
pub fn memo<T: PartialEq + Send + Sync + 'static>(compute: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    boxed_memo(Box::new(compute))
}

/// A value computed from signals whenever it is read.
pub fn derive<T: Send + Sync + 'static>(compute: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    boxed_signal(Box::new(compute))
}

/// Runs after what it reads has changed, and once at first.
pub fn effect(run: impl FnMut() + 'static) {
    boxed_effect(Box::new(run));
}

type Compute<T> = Box<dyn Fn() -> T + Send + Sync>;

fn boxed_memo<T: PartialEq + Send + Sync + 'static>(compute: Compute<T>) -> Memo<T> {
    Memo::new(move |_| compute())
}

fn boxed_signal<T: Send + Sync + 'static>(compute: Compute<T>) -> Signal<T> {
    Signal::derive(compute)
}

fn boxed_effect(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_| run());
}

/// A part of a view, drawn anew after what it reads has changed.
pub fn redrawn(draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    boxed_view(Box::new(draw))
}

/// A part of a view that is there while `on` is true. It is drawn anew only when that changes.
pub fn when(on: impl Fn() -> bool + Send + Sync + 'static, draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let on = memo(on);
    redrawn(move || if on.get() { draw() } else { ().into_any() })
}

fn boxed_view(draw: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || draw()).into_any()
}
