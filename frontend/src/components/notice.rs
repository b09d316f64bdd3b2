//! Something that went wrong or must be known, in place, with what to do about it.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::{Icon, Symbol};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Warning,
    Critical,
    Info,
}

/// A failed request in words; nothing while there is none.
#[component]
pub fn Notice(
    #[prop(into)] error: Signal<Option<ApiError>>,
    #[prop(optional)] tone: Tone,
    /// What to do when "Try again" is pressed; without it there is no such button.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let class = match tone {
        Tone::Warning => "notice warn",
        Tone::Critical => "notice crit",
        Tone::Info => "notice info",
    };
    let body = move |error: ApiError| {
        let again = retry.map(|retry| {
            view! { <button type="button" class="btn" on:click=move |_| retry.run(())>"Try again"</button> }
        });
        view! {
            <div class=class role="alert">
                <Icon symbol=Symbol::Warning />
                <p>{error.to_string()}" "<span class="muted">{error.remedy()}</span></p>
                {again}
            </div>
        }
    };
    move || error.get().map(body)
}
