//! The time range of the charts: offered spans, earlier and later, an exact start and end.

use brokerscope_figures::calendar;
use brokerscope_figures::range::{OFFERED, Span};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Node;

use crate::components::{Icon, IconButton, Symbol};
use crate::state::{Range, clock, use_range};

#[component]
pub fn RangePicker() -> impl IntoView {
    let range = use_range();
    let open = RwSignal::new(false);
    let menu = NodeRef::<html::Div>::new();
    let leave = move |event: FocusEvent| {
        let inside = event
            .related_target()
            .and_then(|target| target.dyn_into::<Node>().ok())
            .is_some_and(|target| menu.get_untracked().is_some_and(|menu| menu.contains(Some(&target))));
        if !inside {
            open.set(false);
        }
    };
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            open.set(false);
        }
    };
    view! {
        <div class="range" node_ref=menu on:focusout=leave on:keydown=escape>
            <span class="desk">
                <IconButton symbol=Symbol::Left label="Earlier" press=move |()| range.shift(-1) />
            </span>
            <button
                type="button"
                class="pill"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || range.span().label()}
                <Icon symbol=Symbol::Down />
            </button>
            <span class="desk">
                <IconButton symbol=Symbol::Right label="Later" press=move |()| range.shift(1) />
            </span>
            <Show when=move || open.get()>
                <Menu range open />
            </Show>
        </div>
    }
}

#[component]
fn Menu(range: Range, open: RwSignal<bool>) -> impl IntoView {
    let choose = move |span: Span| {
        range.set(span);
        open.set(false);
    };
    let offer = |span: Span| {
        let chosen = move || (range.span() == span).to_string();
        view! {
            <button type="button" aria-pressed=chosen on:click=move |_| choose(span)>
                {span.label()}
            </button>
        }
    };
    view! {
        <div class="menu" role="group" aria-label="Time range">
            {OFFERED.iter().copied().map(offer).collect_view()}
            <button type="button" on:click=move |_| range.zoom_out()>"Twice as long"<kbd>"z"</kbd></button>
            <Exact range />
        </div>
    }
}

/// Start and end typed in, in UTC like every time on the page.
#[component]
fn Exact(range: Range) -> impl IntoView {
    let (from, to) = untrack(|| range.window());
    let (from, to) = (RwSignal::new(from), RwSignal::new(to));
    let apply = move || range.set(Span::between(from.get_untracked(), to.get_untracked()));
    view! {
        <form
            class="exact"
            on:submit=move |event| {
                event.prevent_default();
                apply();
            }
        >
            <label>"From, UTC"{moment(from)}</label>
            <label>"To, UTC"{moment(to)}</label>
            <button type="submit" class="btn">"Show"</button>
        </form>
    }
}

fn moment(at: RwSignal<i64>) -> impl IntoView {
    let written = calendar::rfc3339(at.get_untracked()).trim_end_matches('Z').to_string();
    let typed = move |event: leptos::ev::Event| {
        let millis = js_sys::Date::parse(&format!("{}Z", event_target_value(&event)));
        if millis.is_finite() {
            at.set((millis as i64).min(clock::now()));
        }
    };
    view! { <input type="datetime-local" step="1" value=written on:input=typed /> }
}
