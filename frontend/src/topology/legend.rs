//! What shapes, colours and lines mean.

use brokerscope_contract::Status;
use leptos::prelude::*;

use crate::components::{StatusMark, word_of};

#[component]
pub fn Legend() -> impl IntoView {
    let states = [
        Status::Ok,
        Status::Warning,
        Status::Critical,
        Status::Unknown,
        Status::Maintenance,
    ];
    let state = |status: Status| {
        view! {
            <li>
                <StatusMark status />
                {word_of(status)}
            </li>
        }
    };
    view! {
        <details class="graph-legend">
            <summary>"Legend"</summary>
            <div>
                <ul>{states.map(state).collect_view()}</ul>
                <ul>
                    {shape("11", "service")} {shape("1.5", "exchange, topic")} {shape("5", "queue, group")}
                </ul>
                <ul>
                    {line("flow", "", "flow; the wider, the more")} {line("unseen", "4 5", "declared, nothing seen")}
                    {line("dead", "7 5", "dead letters")} {line("alternate", "9 4 2 4", "unroutable")} {bridge()}
                </ul>
            </div>
        </details>
    }
}

fn shape(radius: &'static str, words: &'static str) -> impl IntoView {
    view! {
        <li>
            <svg viewBox="0 0 34 22" width="34" height="22" aria-hidden="true">
                <rect x="1" y="1" width="32" height="20" rx=radius />
            </svg>
            {words}
        </li>
    }
}

fn bridge() -> impl IntoView {
    view! {
        <li>
            <svg class="flow" viewBox="0 0 34 10" width="34" height="10" aria-hidden="true">
                <path d="M1 3h32M1 7h32" />
            </svg>
            "into another connection"
        </li>
    }
}

fn line(class: &'static str, dashes: &'static str, words: &'static str) -> impl IntoView {
    view! {
        <li>
            <svg class=class viewBox="0 0 34 10" width="34" height="10" aria-hidden="true">
                <path d="M1 5h32" stroke-dasharray=dashes />
            </svg>
            {words}
        </li>
    }
}
