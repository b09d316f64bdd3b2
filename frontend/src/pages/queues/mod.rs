//! All destinations or all subscriptions of all brokers in one table, worst first.

pub mod columns;
pub mod filters;
mod hold;
mod list;
pub mod row;
mod wanted;

use std::sync::Arc;

use crate::reactive::{derive, memo};
use brokerscope_contract::Role;
use brokerscope_contract::api::entities::Rows;
use leptos::prelude::*;

use crate::api::entities::Table;
use crate::components::{Ago, ChipLink};
use crate::route::Route;
use crate::state::use_address;
use columns::Columns;
use filters::{Filters, VerdictChips};
use hold::Hold;
use list::List;
use row::Head;

#[component]
pub fn Queues(table: Table) -> impl IntoView {
    let address = use_address();
    let query = memo(move || wanted::rows_query(&address.query()));
    let answer = RwSignal::new(None::<Arc<Rows>>);
    let hold = Hold::new();
    let columns = Columns::of(match table {
        Table::Destinations => Role::Destination,
        Table::Subscriptions => Role::Subscription,
    });
    let counts = memo(move || answer.get().map(|rows| rows.verdicts.clone()).unwrap_or_default());
    let total = memo(move || answer.get().map_or(0, |rows| rows.page.total));
    let sorted = memo(move || Some(wanted::order(&query.get())));
    // Without rows it is no table: assistive technology is told of one only when there is something in it.
    let filled = move || total.get() > 0;
    view! {
        <Title table answer hold />
        <Filters role=columns.role />
        <VerdictChips counts />
        <div
            class="card rows all"
            role=move || filled().then_some("table")
            aria-label=move || filled().then(|| title(table))
            aria-rowcount=move || filled().then(|| total.get() + 1)
            on:pointermove=move |_| hold.touch()
            on:pointerleave=move |_| hold.release()
            on:focusin=move |_| hold.touch()
            on:keydown=move |_| hold.touch()
        >
            <Head columns sorted filled=derive(filled) />
            <List table query columns hold answer />
        </div>
    }
}

#[component]
fn Title(table: Table, answer: RwSignal<Option<Arc<Rows>>>, hold: Hold) -> impl IntoView {
    let tab = move |to: Table, route: Route| {
        view! { <ChipLink href=route.path() on=to == table>{title(to)}</ChipLink> }
    };
    let as_of = memo(move || answer.get().and_then(|rows| rows.as_of));
    let freshness = move || as_of.get().map(|at| view! { "as of "<Ago at /> });
    let held = move || hold.is_held().then_some(" · held while you point at it");
    view! {
        <div class="title-row">
            <h1>"Queues"</h1>
            <div class="tabs" role="group" aria-label="Which table">
                {tab(Table::Destinations, Route::Destinations)} {tab(Table::Subscriptions, Route::Subscriptions)}
            </div>
        </div>
        <p class="sub num">{freshness} {held}</p>
    }
}

fn title(table: Table) -> &'static str {
    match table {
        Table::Destinations => "Destinations",
        Table::Subscriptions => "Subscriptions",
    }
}
