//! The five states, each a shape and a colour, and a verdict as mark and word.

use crate::reactive::memo;
use brokerscope_contract::{Judgement, Status, Verdict};
use leptos::prelude::*;

/// The class that gives a state its colour.
pub fn tone_of(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Warning => "warn",
        Status::Critical => "crit",
        Status::Unknown => "unk",
        Status::Maintenance => "mut",
    }
}

/// The word beside the mark, or for whoever does not see it.
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "Ok",
        Status::Warning => "Warning",
        Status::Critical => "Critical",
        Status::Unknown => "Unknown",
        Status::Maintenance => "Maintenance",
    }
}

/// The shape of a state. Alone it is read out as its word; beside a word it is silent.
#[component]
pub fn StatusMark(
    #[prop(into)] status: Signal<Status>,
    /// Set when no text beside it says the same.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    view! {
        <svg class=move || format!("mark {}", tone_of(status.get())) viewBox="0 0 12 12" aria-hidden="true">
            {move || shape(status.get())}
        </svg>
        {alone.then(|| view! { <span class="vh">{move || word(status.get())}</span> })}
    }
}

fn shape(status: Status) -> AnyView {
    match status {
        Status::Ok => view! { <circle cx="6" cy="6" r="5.2" /> }.into_any(),
        Status::Warning => view! { <path d="M6 .8L11.8 11.2H.2z" /> }.into_any(),
        Status::Critical => view! { <rect x="1" y="1" width="10" height="10" rx="1.6" /> }.into_any(),
        Status::Unknown => {
            view! { <path class="hollow" stroke-dasharray="5.4 1.67" stroke-dashoffset="2.7" d="M6 1L11 6 6 11 1 6z" /> }.into_any()
        }
        Status::Maintenance => {
            view! { <circle class="hollow" cx="6" cy="6" r="5" /><path d="M6 1a5 5 0 0 0 0 10z" /> }.into_any()
        }
    }
}

/// Mark and word of a verdict; for an unknown one the word is its kind of not knowing.
#[component]
pub fn VerdictLabel(#[prop(into)] judgement: Signal<Judgement>) -> impl IntoView {
    let status = memo(move || judgement.with(|judgement| judgement.verdict.status()));
    view! {
        <span class=move || format!("verdict {}", tone_of(status.get()))>
            <StatusMark status />
            {move || judgement.with(verdict_words)}
        </span>
    }
}

/// In place of a verdict while a connection is paused: nothing is asked, so nothing is known.
#[component]
pub fn PausedLabel() -> impl IntoView {
    view! {
        <span class="verdict mut">
            <StatusMark status=Status::Maintenance />
            "Paused"
        </span>
    }
}

fn verdict_words(judgement: &Judgement) -> String {
    use brokerscope_contract::Absence::*;
    match (judgement.verdict, judgement.absent) {
        (Verdict::Unknown, Some(NotPermitted)) => "Not permitted".into(),
        (Verdict::Unknown, Some(NotSupported)) => "Not supported".into(),
        (Verdict::Unknown, Some(Disabled)) => "Switched off".into(),
        (Verdict::Unknown, Some(Stale)) => "Stale".into(),
        (Verdict::Unknown, Some(NoData)) => "No data yet".into(),
        (verdict, _) => verdict.label().into(),
    }
}
