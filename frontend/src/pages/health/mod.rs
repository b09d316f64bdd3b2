//! Health checks per connection and node, the worst first, with meaning, remedy and history.

mod check;
mod connection;
mod grouped;

use brokerscope_contract::api::health::{CheckView, HealthView};
use brokerscope_contract::api::path;
use brokerscope_contract::{Status, Verdict};
use leptos::prelude::*;

use crate::components::{EmptyState, Notice, Skeleton, each};
use crate::route::Route;
use crate::state::{Fetched, fetched, use_live};

use crate::reactive::{derive, memo, redrawn};
use connection::ConnectionHealth;

#[component]
pub fn Health() -> impl IntoView {
    let live = use_live();
    let health = fetched::<Vec<HealthView>>(|| Some(path::HEALTH.into()), move || live.follow_all());
    let error = derive(move || health.error());
    let none = memo(move || health.get().map(|all| all.is_empty()));
    view! {
        <div class="page-head">
            <div>
                <h1>{derive(move || headline(health))}</h1>
                <p class="sub">{derive(move || health.get().map(|all| summary(&all)))}</p>
            </div>
        </div>
        <Notice error retry=move |()| health.refresh() />
        {redrawn(move || match none.get() {
            None => error.get().is_none().then(|| view! { <Skeleton rows=3 height=160 /> }).into_any(),
            Some(true) => nothing().into_any(),
            Some(false) => sections(health).into_any(),
        })}
    }
    .into_any()
}

/// What needs a person, in words: connections that do not answer come before checks.
fn headline(health: Fetched<Vec<HealthView>>) -> String {
    let Some(all) = health.get().filter(|all| !all.is_empty()) else {
        return "Health".into();
    };
    let silent = all
        .iter()
        .filter(|view| view.judgement.verdict == Verdict::Unreachable)
        .count();
    let wrong = |check: &&CheckView| matches!(check.status, Status::Warning | Status::Critical);
    let failing = all.iter().flat_map(|view| &view.checks).filter(wrong).count();
    match (silent, failing) {
        (0, 0) if all.iter().all(|view| view.checks.is_empty()) => "Nothing has been checked yet".into(),
        (0, 0) => "Every check that could be made is ok".into(),
        (0, 1) => "One check needs you".into(),
        (0, n) => format!("{n} checks need you"),
        (1, 0) => "One connection does not answer".into(),
        (n, 0) => format!("{n} connections do not answer"),
        (n, m) => format!(
            "{} need you",
            number_of(n, "connection") + " and " + &number_of(m, "check")
        ),
    }
}

fn number_of(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

fn summary(all: &[HealthView]) -> String {
    let checks = all.iter().map(|view| view.checks.len()).sum::<usize>();
    let unknown = all
        .iter()
        .flat_map(|view| &view.checks)
        .filter(|check| check.status == Status::Unknown)
        .count();
    let plural = if all.len() == 1 { "" } else { "s" };
    let mut text = format!("{} connection{plural} · {checks} checks", all.len());
    if unknown > 0 {
        text.push_str(&format!(" · {unknown} could not be made"));
    }
    text
}

fn sections(health: Fetched<Vec<HealthView>>) -> impl IntoView {
    let all = derive(move || health.get().map(|all| all.to_vec()).unwrap_or_default());
    each(
        all,
        |view| view.connection,
        |view| view! { <ConnectionHealth view /> }.into_any(),
    )
}

fn nothing() -> impl IntoView {
    view! {
        <EmptyState
            title="Nothing is checked yet"
            text="Checks begin with the first connection: reachability, login, alarms, replication, freshness."
        >
            <a class="btn main" href=Route::ConnectionNew.path()>"Add a connection"</a>
        </EmptyState>
    }
}
