//! A list whose items keep their place in the document while their data changes.

use std::hash::Hash;

use leptos::prelude::*;

/// Draws one view per item, kept for as long as its key is in the list; `draw` gets the item as a signal.
///
/// Whoever has the focus inside an item keeps it, and only what differs is drawn anew.
pub fn each<T, K>(
    items: Signal<Vec<T>>,
    key: fn(&T) -> K,
    draw: impl Fn(Signal<T>) -> AnyView + Clone + Send + 'static,
) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Eq + Hash + Clone + Send + Sync + 'static,
{
    let one = move |first: T| {
        let its = key(&first);
        let item = Memo::new(move |before: Option<&T>| {
            let found = items.with(|items| items.iter().find(|item| key(item) == its).cloned());
            // An item on its way out of the list keeps its last state.
            found.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        draw(item.into())
    };
    view! { <For each=move || items.get() key=move |item| key(item) children=one /> }.into_any()
}
