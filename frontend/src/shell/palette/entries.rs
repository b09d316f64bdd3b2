//! What the palette offers: entities that the server finds, pages, and actions.

use brokerscope_contract::api::entities::{EntityRow, Rows, RowsQuery};
use leptos::prelude::*;

use crate::api::entities::{Table, rows_path};
use crate::components::{Icon, StatusMark, Symbol, entity_href};
use crate::route::Route;
use crate::state::{Address, Fetched, Live, Themed, fetched, use_address, use_live, use_theme};

/// Entities of each table that are offered at once.
const SHOWN: usize = 7;

/// Something to choose.
#[derive(Debug, Clone)]
pub enum Entry {
    Entity(Box<EntityRow>, Address),
    Page(Route, &'static str, Address),
    Theme(Themed),
    Live(Live),
}

/// Pages with the words by which they are found.
const PAGES: &[(Route, &str)] = &[
    (Route::Overview, "Overview"),
    (Route::Topology, "Topology"),
    (Route::Destinations, "Queues: destinations"),
    (Route::Subscriptions, "Queues: subscriptions"),
    (Route::Alerts, "Alerts"),
    (Route::RuleNew, "New alert rule"),
    (Route::Health, "Health"),
    (Route::Faults, "Faults of the demo"),
    (Route::Connections, "Connections"),
    (Route::ConnectionNew, "Add a connection"),
];

impl Entry {
    pub fn run(&self) {
        match self {
            Entry::Entity(row, address) => address.go(&entity_href(row.entity.id)),
            Entry::Page(route, _, address) => address.go(&route.path()),
            Entry::Theme(theme) => theme.toggle(),
            Entry::Live(live) => live.set_paused(!live.paused()),
        }
    }

    fn label(&self) -> String {
        match self {
            Entry::Entity(row, _) => row.entity.title().to_string(),
            Entry::Page(_, label, _) => (*label).to_string(),
            Entry::Theme(_) => "Change between dark and light".into(),
            Entry::Live(_) => "Pause or resume live updates".into(),
        }
    }

    pub fn view(&self) -> AnyView {
        match self {
            Entry::Entity(row, _) => entity_view(row),
            Entry::Page(..) => plain_view(Symbol::Right, self.label(), "page"),
            Entry::Theme(_) => plain_view(Symbol::Theme, self.label(), "action"),
            Entry::Live(_) => plain_view(Symbol::Pause, self.label(), "action"),
        }
    }
}

/// What matches the typed text: entities first, as those are looked for most.
pub fn matching(typed: RwSignal<String>) -> Memo<Vec<Entry>> {
    let (address, theme, live) = (use_address(), use_theme(), use_live());
    let tables = [Table::Destinations, Table::Subscriptions].map(|table| found_in(table, typed));
    let fixed = move || {
        let pages = PAGES
            .iter()
            .map(move |(route, label)| Entry::Page(*route, label, address));
        pages.chain([Entry::Theme(theme), Entry::Live(live)])
    };
    Memo::new_with_compare(
        move |_| {
            let text = typed.get().trim().to_lowercase();
            let entities = tables
                .iter()
                .filter_map(|rows| rows.get())
                .flat_map(|rows| rows.page.items.clone());
            let entities = entities.map(|row| Entry::Entity(Box::new(row), address));
            let fixed = fixed().filter(|entry| entry.label().to_lowercase().contains(&text));
            match text.is_empty() {
                true => fixed.collect(),
                false => entities.chain(fixed).collect(),
            }
        },
        |_, _| true,
    )
}

fn found_in(table: Table, typed: RwSignal<String>) -> Fetched<Rows> {
    let path = move || {
        let text = typed.get();
        let text = text.trim();
        let query = RowsQuery {
            q: Some(text.to_string()),
            limit: Some(SHOWN),
            ..RowsQuery::default()
        };
        (!text.is_empty()).then(|| rows_path(table, &query))
    };
    fetched(path, || {})
}

fn entity_view(row: &EntityRow) -> AnyView {
    let entity = &row.entity;
    let place = match entity.scope.is_empty() {
        true => row.connection_name.clone(),
        false => format!("{} · {}", row.connection_name, entity.scope),
    };
    view! {
        <StatusMark status=row.judgement.verdict.status() alone=true />
        <bdi class="path">{entity.title().to_string()}</bdi>
        <small>{entity.kind.label()}" · "<bdi>{place}</bdi></small>
    }
    .into_any()
}

fn plain_view(symbol: Symbol, label: String, kind: &'static str) -> AnyView {
    view! { <Icon symbol /><span>{label}</span><small>{kind}</small> }.into_any()
}
