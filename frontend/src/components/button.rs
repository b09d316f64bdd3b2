//! Buttons: one that stands out, plain ones, dangerous ones, and ones that are only a symbol.

use leptos::prelude::*;

use crate::components::{Icon, Symbol};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    #[default]
    Plain,
    /// The one action that a view is about.
    Main,
    Danger,
    /// Text only, until pointed at.
    Quiet,
}

impl Look {
    pub fn class(self) -> &'static str {
        match self {
            Look::Plain => "btn",
            Look::Main => "btn main",
            Look::Danger => "btn danger",
            Look::Quiet => "btn quiet",
        }
    }
}

/// Never disabled while something is wrong with the input: pressing it then says what. `busy` shows work going on.
#[component]
pub fn Button(
    #[prop(into)] press: Callback<()>,
    #[prop(optional)] look: Look,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] symbol: Option<Symbol>,
    #[prop(optional, into)] tip: Option<String>,
    children: Children,
) -> impl IntoView {
    let work = move |_| {
        if !busy.get_untracked() {
            press.run(());
        }
    };
    view! {
        <button
            type="button"
            class=look.class()
            aria-busy=move || busy.get().then_some("true")
            data-tip=tip
            on:click=work
        >
            {symbol.map(|symbol| view! { <Icon symbol /> })}
            {children()}
        </button>
    }
}

/// A symbol as a button; `label` is read out and shown as a tip.
#[component]
pub fn IconButton(
    symbol: Symbol,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] press: Callback<()>,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
) -> impl IntoView {
    let pressed = move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" });
    view! {
        <button
            type="button"
            class="btn icon-only"
            aria-label=label
            data-tip=label
            aria-pressed=pressed
            on:click=move |_| press.run(())
        >
            <Icon symbol />
        </button>
    }
}
