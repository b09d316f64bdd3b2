//! The keyboard map, shown on `?`.

use leptos::prelude::*;

use super::keys;
use crate::components::Dialog;

#[component]
pub fn Help(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="Keyboard" class="help">
            <dl class="keymap">
                {entry("Ctrl K", "Find anything")}
                {keys::MAP.iter().map(|(keys, _, meaning)| entry(keys, meaning)).collect_view()}
                {entry("Enter", "Open the row")}
                {entry("← →", "On a chart: move the cursor")}
            </dl>
        </Dialog>
    }
}

fn entry(keys: &str, meaning: &'static str) -> AnyView {
    let keys = keys
        .split(' ')
        .map(|key| view! { <kbd>{key.replace("Escape", "Esc")}</kbd> })
        .collect_view();
    view! { <div><dt>{keys}</dt><dd>{meaning}</dd></div> }.into_any()
}
