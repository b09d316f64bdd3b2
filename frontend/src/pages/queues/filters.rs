//! Search and filters of the tables; all of it lives in the address.

use brokerscope_contract::api::entities::VerdictCount;
use brokerscope_contract::{EntityKind, Role, System, Verdict};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::components::{Chip, Icon, StatusMark, Symbol};
use crate::reactive::{derive, memo};
use crate::state::{use_address, use_news};

/// Search by name, and choices of connection, system and kind.
#[component]
pub fn Filters(role: Role) -> impl IntoView {
    let address = use_address();
    let news = use_news();
    let q = address.param("q");
    let internal = address.param("internal");
    let shows_internal = derive(move || internal.get().is_some());
    let connections = memo(move || match news.get() {
        Some(overview) => overview
            .connections
            .iter()
            .map(|connection| (connection.id.0.to_string(), connection.name.clone()))
            .collect::<Vec<_>>(),
        None => Vec::new(),
    });
    view! {
        <div class="filters fields">
            <label class="find">
                <Icon symbol=Symbol::Search />
                <span class="vh">"Part of a name"</span>
                <input
                    type="search"
                    data-search
                    placeholder="Part of a name"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || q.get().unwrap_or_default()
                    on:input=move |event| address.set_param("q", Some(&event_target_value(&event)))
                />
            </label>
            <div class="choices">
            {choice("connection", "All connections", connections.into())}
            {choice("system", "All systems", Signal::stored(systems()))}
            {choice("kind", "All kinds", Signal::stored(kinds(role)))}
            <Chip on=shows_internal press=move |()| toggle_internal()>"Internal ones too"</Chip>
            <SortBy role />
            </div>
        </div>
    }
}

/// On a phone there are no column heads to press.
#[component]
fn SortBy(role: Role) -> impl IntoView {
    let (messages, arriving) = match role {
        Role::Subscription => ("lag", None),
        _ => ("depth", Some(("rate_in", "Most in"))),
    };
    let orders = [
        ("", "Worst first"),
        ("name", "By name"),
        (messages, "Most messages"),
        ("lag_seconds", "Longest behind"),
        ("rate_out", "Most out"),
    ];
    let address = use_address();
    let chosen = address.param("sort");
    let option = move |(value, label): (&'static str, &'static str)| {
        view! { <option value=value selected=move || chosen.get().unwrap_or_default() == value>{label}</option> }
    };
    let choose = move |event| {
        let query = address
            .query_untracked()
            .with("sort", Some(&event_target_value(&event)));
        address.set_query(query.with("dir", None));
    };
    view! {
        <select class="phone" aria-label="Order" on:change=choose>{orders.into_iter().chain(arriving).map(option).collect_view()}</select>
    }
}

fn toggle_internal() {
    let address = use_address();
    let shown = address.query_untracked().get("internal").is_some();
    address.set_param("internal", (!shown).then_some("true"));
}

fn systems() -> Vec<(String, String)> {
    System::ALL
        .iter()
        .map(|system| (system.slug().into(), system.label().into()))
        .collect()
}

fn kinds(role: Role) -> Vec<(String, String)> {
    let listed = |kind: &&EntityKind| kind.role() == role;
    EntityKind::ALL
        .iter()
        .filter(listed)
        .map(|kind| (kind.slug().into(), kind.label().into()))
        .collect()
}

/// A choice of one value of a key of the address, or of all.
fn choice(key: &'static str, all: &'static str, options: Signal<Vec<(String, String)>>) -> impl IntoView {
    let address = use_address();
    let chosen = address.param(key);
    let option = move |(value, label): (String, String)| {
        let selected = chosen.get().as_ref() == Some(&value);
        view! { <option value=value selected=selected>{label}</option> }
    };
    view! {
        <select
            aria-label=all
            class:on=move || chosen.get().is_some()
            on:change=move |event| address.set_param(key, Some(&event_target_value(&event)))
        >
            <option value="" selected=move || chosen.get().is_none()>{all}</option>
            {move || options.get().into_iter().map(option).collect_view()}
        </select>
    }
}

/// How many there are of each verdict, the worst first; pressing one shows only those.
#[component]
pub fn VerdictChips(counts: Memo<Vec<VerdictCount>>) -> impl IntoView {
    let address = use_address();
    let chosen = address.param("verdict");
    let total = move || counts.with(|counts| counts.iter().map(|count| count.count).sum::<usize>());
    let choose = move |slug: Option<&'static str>| address.set_param("verdict", slug);
    let one = move |verdict: Verdict| {
        let slug = verdict.slug();
        let on = derive(move || chosen.get().as_deref() == Some(slug));
        let count = move || counts.with(|counts| count_of(counts, verdict));
        let press = move |()| choose((!on.get_untracked()).then_some(slug));
        view! {
            <Chip on press>
                <StatusMark status=verdict.status() />
                {verdict.label()}
                " "
                {count}
            </Chip>
        }
    };
    let present = memo(move || {
        let counted = counts.with(|counts| counts.iter().map(|count| count.verdict).collect::<Vec<_>>());
        let kept = chosen.get().and_then(|slug| Verdict::from_slug(&slug));
        let shown = |verdict: &&Verdict| counted.contains(verdict) || kept == Some(**verdict);
        Verdict::ALL.iter().filter(shown).copied().collect::<Vec<_>>()
    });
    let all = derive(move || chosen.get().is_none());
    let attention = derive(move || chosen.get().as_deref() == Some("attention"));
    view! {
        <div class="filters" role="group" aria-label="Verdict">
            <Chip on=all press=move |()| choose(None)>"All "{move || format::count(total() as f64)}</Chip>
            <Chip on=attention press=move |()| choose((!attention.get_untracked()).then_some("attention"))>
                "Not ok"
            </Chip>
            <For each=move || present.get() key=|verdict| verdict.slug() children=one />
        </div>
    }
}

fn count_of(counts: &[VerdictCount], verdict: Verdict) -> String {
    let count = counts
        .iter()
        .find(|count| count.verdict == verdict)
        .map_or(0, |count| count.count);
    format::count(count as f64)
}
