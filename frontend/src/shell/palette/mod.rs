//! The palette: type a few letters, get to any entity, page or action.

mod entries;

use crate::reactive::{effect, memo};

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::components::Icon;
use crate::components::Symbol;
use entries::Entry;

#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(element) = dialog.get() else { return };
        match (open.get(), element.open()) {
            (true, false) => drop(element.show_modal()),
            (false, true) => element.close(),
            _ => {}
        }
    });
    let outside = move |event: leptos::ev::MouseEvent| {
        if event.target().is_some() && event.target() == dialog.get_untracked().map(Into::into) {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class="palette"
            aria-label="Find anything"
            on:close=move |_| open.set(false)
            on:click=outside
        >
            <Show when=move || open.get()>
                <Finder open />
            </Show>
        </dialog>
    }
}

#[component]
fn Finder(open: RwSignal<bool>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = entries::matching(typed);
    let go = move |entry: Option<Entry>| {
        if let Some(entry) = entry {
            open.set(false);
            entry.run();
        }
    };
    let count = move || found.with_untracked(Vec::len);
    let key = move |event: KeyboardEvent| {
        let last = count().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|i| *i = (*i + 1).min(last)),
            "ArrowUp" => chosen.update(|i| *i = i.saturating_sub(1)),
            "Enter" => go(found.with_untracked(|found| found.get(chosen.get_untracked()).cloned())),
            _ => return,
        }
        event.prevent_default();
    };
    let input = move |event| {
        typed.set(event_target_value(&event));
        chosen.set(0);
    };
    view! {
        <div class="finder">
            <label class="finder-field">
                <Icon symbol=Symbol::Search />
                <span class="vh">"Find a queue, topic, group, page or action"</span>
                <input
                    type="text"
                    autofocus
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="found"
                    aria-activedescendant=move || format!("found-{}", chosen.get())
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Find a queue, topic, group or page"
                    on:input=input
                    on:keydown=key
                />
                <kbd>"Esc"</kbd>
            </label>
            <ul id="found" role="listbox" aria-label="Found">
                {move || found.get().into_iter().enumerate().map(|(i, entry)| option(i, entry, chosen, go)).collect_view()}
            </ul>
        </div>
    }
}

fn option(
    i: usize,
    entry: Entry,
    chosen: RwSignal<usize>,
    go: impl Fn(Option<Entry>) + Copy + Send + 'static,
) -> impl IntoView {
    let selected = memo(move || chosen.get() == i);
    let label = entry.view();
    view! {
        <li
            id=format!("found-{i}")
            role="option"
            aria-selected=move || selected.get().to_string()
            on:pointermove=move |_| chosen.set(i)
            on:click=move |_| go(Some(entry.clone()))
        >
            {label}
        </li>
    }
}
