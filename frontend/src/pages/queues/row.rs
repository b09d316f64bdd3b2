//! The head and one line of the table of destinations or subscriptions.

use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::{Absence, EntityKind, Reading};
use leptos::prelude::*;

use super::columns::{Column, Columns, waiting, waiting_time};
use super::wanted::{self, Order};
use crate::charts::{self, Sparkline};
use crate::components::{
    EntityLink, Figure, Icon, Quantity, Symbol, VerdictLabel, absence_reason, entity_href, full_name,
};
use crate::reactive::derive;
use crate::state::use_address;

/// Column heads; they order the table when `sorted` says how it is ordered now.
#[component]
pub fn Head(
    columns: Columns,
    #[prop(into)] sorted: Signal<Option<Order>>,
    /// Whether there are rows: without any it is no table, and its heads are heads of nothing.
    #[prop(into)]
    filled: Signal<bool>,
) -> impl IntoView {
    let role = move |role: &'static str| derive(move || filled.get().then_some(role));
    let head = move |column: &Column| {
        let column = *column;
        let label = column.head(columns.role);
        let direction = move || direction(column, sorted.get().as_ref()).filter(|_| filled.get());
        let button = move || match (column.order(), sorted.get()) {
            (Some(order), Some(present)) => sort_button(order, label, present).into_any(),
            _ => label.into_any(),
        };
        view! {
            <div role=role("columnheader") class=column.class() aria-sort=direction data-tip=column.meaning(columns.role)>
                {button}
            </div>
        }
    };
    view! {
        <div role=role("rowgroup") class="heads">
            <div role=role("row") class=columns.class()>{columns.list.iter().map(head).collect_view()}</div>
        </div>
    }
}

fn sort_button(order: &'static str, label: &'static str, present: Order) -> impl IntoView {
    let address = use_address();
    let on = present.column == order;
    let symbol = match (on, present.descending) {
        (true, true) => Some(Symbol::Down),
        (true, false) => Some(Symbol::Up),
        (false, _) => None,
    };
    let press = move |_| address.set_query(wanted::pressed(address.query_untracked(), order, &present));
    view! {
        <button type="button" on:click=press>
            {label}
            {symbol.map(|symbol| view! { <Icon symbol /> })}
        </button>
    }
}

fn direction(column: Column, sorted: Option<&Order>) -> Option<&'static str> {
    let sorted = sorted?;
    match (column.order()? == sorted.column, sorted.descending) {
        (true, true) => Some("descending"),
        (true, false) => Some("ascending"),
        (false, _) => None,
    }
}

/// One entity; grey bars while it is on its way.
#[component]
pub fn Line(
    #[prop(into)] row: Signal<Option<EntityRow>>,
    columns: Columns,
    /// Position in the whole list, from 0.
    at: usize,
) -> impl IntoView {
    let cells = move || match row.get() {
        Some(row) => columns
            .list
            .iter()
            .map(|column| cell(*column, &row))
            .collect_view()
            .into_any(),
        None => view! { <div role="cell" class="cell c-loading"><div class="bone"></div></div> }.into_any(),
    };
    view! { <div role="row" class=columns.class() aria-rowindex=at + 2>{cells}</div> }
}

fn cell(column: Column, row: &EntityRow) -> AnyView {
    let content = content(column, row);
    view! { <div role="cell" class=column.class()>{content}</div> }.into_any()
}

fn content(column: Column, row: &EntityRow) -> AnyView {
    let count = |reading| view! { <Figure reading quantity=Quantity::Count why=why_none(row, reading) /> }.into_any();
    let figure =
        |reading, quantity| view! { <Figure reading quantity short=true why=why_none(row, reading) /> }.into_any();
    match column {
        Column::Verdict => verdict(row),
        Column::Name => name(row),
        Column::Connection => view! { <bdi>{row.connection_name.clone()}</bdi> }.into_any(),
        Column::LagSeconds => figure(waiting_time(row), Quantity::Duration),
        Column::Depth => count(waiting(row)),
        Column::Lag => count(row.lag),
        Column::InFlight => count(row.in_flight),
        Column::RateIn => figure(row.rate_in, Quantity::Rate),
        Column::RateOut => figure(row.rate_out, Quantity::Rate),
        Column::Consumers => count(row.consumers),
        Column::DeadLetter => dead_letter(row),
        Column::Trend => trend(row),
    }
}

/// A kind of object that has no such figure is no lack of the broker: it says where the figure is.
fn why_none(row: &EntityRow, reading: Reading) -> String {
    match (reading.absent, row.entity.kind) {
        (Some(Absence::NotSupported), EntityKind::Topic | EntityKind::Stream | EntityKind::Subject) => {
            "counted for each subscription that reads it".into()
        }
        (Some(Absence::NotSupported), EntityKind::Exchange) => "an exchange passes messages on and holds none".into(),
        (absent, _) => absence_reason(absent).into(),
    }
}

/// The sentence behind a verdict is one hover away.
fn verdict(row: &EntityRow) -> AnyView {
    let sentence = row.judgement.sentence.clone();
    view! { <span data-tip=sentence><VerdictLabel judgement=row.judgement.clone() /></span> }.into_any()
}

/// The link covers the whole line.
fn name(row: &EntityRow) -> AnyView {
    let entity = &row.entity;
    let title = format!("{} on {}", full_name(entity), row.connection_name);
    // The virtual host that everybody starts with tells nothing apart.
    let place = Some(entity.scope.clone())
        .filter(|scope| scope != "/")
        .unwrap_or_default();
    view! {
        <a class="row-link path" data-row href=entity_href(entity.id) title=title>
            <bdi>{entity.title().to_string()}</bdi>
        </a>
        <small><bdi>{place}</bdi></small>
    }
    .into_any()
}

fn dead_letter(row: &EntityRow) -> AnyView {
    match row.dead_letter.clone() {
        Some(entity) => view! { <EntityLink entity bare=true /> }.into_any(),
        None => ().into_any(),
    }
}

fn trend(row: &EntityRow) -> AnyView {
    let (label, quantity) = charts::trend(row);
    let status = row.judgement.verdict.status();
    view! { <Sparkline values=row.line.clone() status label quantity /> }.into_any()
}
