//! The header: search, time range, live state, theme.

use leptos::prelude::*;

use super::Overlays;
use super::live_pill::LivePill;
use super::range_picker::RangePicker;
use crate::components::{Icon, IconButton, Symbol};
use crate::reactive::derive;
use crate::state::{theme::Theme, use_address, use_theme};

#[component]
pub fn Header(overlays: Overlays) -> impl IntoView {
    let route = use_address().route();
    let theme = use_theme();
    let other = derive(move || match theme.get() {
        Theme::Dark => "Light theme".to_string(),
        Theme::Light => "Dark theme".to_string(),
    });
    view! {
        <header class="bar">
            <button
                type="button"
                class="search"
                aria-haspopup="dialog"
                on:click=move |_| overlays.palette.set(true)
            >
                <Icon symbol=Symbol::Search />
                <span>"Find a queue, topic, group or page"</span>
                <kbd>"Ctrl K"</kbd>
            </button>
            <Show when=move || route.get().has_charts()>
                <RangePicker />
            </Show>
            <LivePill />
            <span class="desk">
                <IconButton symbol=Symbol::Help label="Keyboard" press=move |()| overlays.help.set(true) />
            </span>
            <IconButton symbol=Symbol::Theme label=other press=move |()| theme.toggle() />
        </header>
    }
}
