//! The destinations that are worst off, with the verdicts of all as filters.

use brokerscope_contract::Role;
use brokerscope_contract::api::entities::{Rows, RowsQuery};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::api::entities::{Table, rows_path};
use crate::components::Skeleton;
use crate::pages::queues::columns::Columns;
use crate::pages::queues::filters::VerdictChips;
use crate::pages::queues::row::{Head, Line};
use crate::query::Query;
use crate::reactive::{derive, memo};
use crate::route::Route;
use crate::state::{fetched, use_address, use_live};

/// As many as are read at a glance.
const SHOWN: usize = 12;

#[component]
pub fn WorstFirst() -> impl IntoView {
    let (address, live) = (use_address(), use_live());
    let verdict = address.param("verdict");
    let path = move || Some(path_of(verdict.get()));
    let rows = fetched::<Rows>(path, move || live.follow_all());
    let counts = memo(move || rows.get().map(|rows| rows.verdicts.clone()).unwrap_or_default());
    let items = derive(move || rows.get().map(|rows| rows.page.items.clone()).unwrap_or_default());
    let shown = memo(move || items.with(Vec::len));
    let total = memo(move || rows.get().map_or(0, |rows| rows.page.total));
    let all = move || {
        let query = Query::default().with("verdict", verdict.get().as_deref());
        (total.get() > SHOWN).then(|| {
            let link = view! {
                <a class="row-more" href=query.on(&Route::Destinations.path())>
                    "All "{move || format::count(total.get() as f64)}" destinations"
                </a>
            };
            // A table may hold nothing but rows, so this one is a row too.
            view! { <div role="row"><span role="cell">{link}</span></div> }
        })
    };
    let columns = Columns::of(Role::Destination);
    let line = move |i: usize| {
        let row = memo(move || items.with(|items| items.get(i).cloned()));
        view! { <Line row columns at=i /> }
    };
    let body = move || match (rows.get().is_none(), shown.get()) {
        (true, _) => view! { <Skeleton rows=5 /> }.into_any(),
        (false, 0) => {
            let words = match verdict.get() {
                Some(_) => "No destination has this verdict.",
                None => "Nothing has been seen in the connected brokers yet.",
            };
            view! { <p class="sub nothing">{words}</p> }.into_any()
        }
        (false, _) => view! { <For each=move || 0..shown.get() key=|i| *i children=line /> }.into_any(),
    };
    // Without rows it is no table: assistive technology is told of one only when there is something in it.
    let filled = move || shown.get() > 0;
    view! {
        <h2>"Destinations, worst first"</h2>
        <VerdictChips counts />
        <div
            class="card rows"
            role=move || filled().then_some("table")
            aria-label=move || filled().then_some("Destinations, worst first")
            class:outdated=move || rows.is_outdated()
        >
            <Head columns sorted=None filled=derive(filled) />
            <div role=move || filled().then_some("rowgroup")>{body}</div>
            {all}
        </div>
    }
}

/// With no verdict chosen `boot.js` asks for the same, while this program loads.
fn path_of(verdict: Option<String>) -> String {
    let query = RowsQuery {
        verdict,
        limit: Some(SHOWN),
        ..RowsQuery::default()
    };
    rows_path(Table::Destinations, &query)
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::api::path;

    use super::path_of;

    #[test]
    fn what_is_asked_for_early_is_what_the_overview_asks_for() {
        let boot = include_str!("../../../../assets/page/boot.js");
        for path in [path::OVERVIEW.to_string(), path_of(None)] {
            assert!(boot.contains(&format!("ask(\"{path}\")")), "{path}");
        }
    }
}
