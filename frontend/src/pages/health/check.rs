//! One check: what was seen, and opened: what it means, what to do, what it was before.

use brokerscope_contract::Status;
use brokerscope_contract::api::health::{CheckChange, CheckView};
use leptos::prelude::*;

use crate::components::{Ago, Clock, Lasting, StatusMark, absence_reason, tone_of};
use crate::reactive::{derive, memo};

#[component]
pub fn Check(#[prop(into)] check: Signal<CheckView>) -> impl IntoView {
    let status = memo(move || check.with(|check| check.status));
    let since = derive(move || check.with(|check| check.since));
    let checked_at = derive(move || check.with(|check| check.checked_at));
    // What could not be checked may well be in order: its remedy would mislead.
    let wrong = move || matches!(status.get(), Status::Warning | Status::Critical);
    let remedy = move || check.with(|check| check.def.remedy.clone());
    view! {
        <li class=move || format!("check {}", tone_of(status.get()))>
            <details>
                <summary>
                    <StatusMark status alone=true />
                    <span class="label">{move || check.with(|check| check.def.label.clone())}</span>
                    <span class="seen">{move || check.with(seen)}</span>
                    <Lasting since />
                </summary>
                <div class="more">
                    <p>{move || check.with(|check| check.def.meaning.clone())}</p>
                    <p class="muted">"Checked "<Ago at=checked_at />"."</p>
                    <History check />
                </div>
            </details>
            <Show when=wrong>
                <p class="remedy">{remedy}</p>
            </Show>
        </li>
    }
    .into_any()
}

/// What was seen; for a check that could not be made, why not.
fn seen(check: &CheckView) -> String {
    match (check.text.is_empty(), check.status) {
        (true, Status::Unknown) => absence_reason(check.absent).into(),
        (true, Status::Ok) => "ok".into(),
        (true, _) => "not ok".into(),
        (false, _) => check.text.clone(),
    }
}

#[component]
fn History(check: Signal<CheckView>) -> impl IntoView {
    let history = memo(move || check.with(|check| check.history.clone()));
    let change = |change: CheckChange| {
        view! {
            <li>
                <StatusMark status=change.status alone=true />
                <Clock at=change.at />
                <span>{change.text}</span>
            </li>
        }
    };
    view! {
        <Show
            when=move || !history.with(Vec::is_empty)
            fallback=|| view! { <p class="muted">"It has not changed as far as stored."</p> }
        >
            <h4>"Before"</h4>
            <ul class="history">{move || history.get().into_iter().map(change).collect_view()}</ul>
        </Show>
    }
}
