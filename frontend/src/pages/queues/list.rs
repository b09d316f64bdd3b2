//! The lines of a list of any length: only those in sight exist, and only the pages that hold them are fetched.

use std::ops::Range;
use std::sync::Arc;

use brokerscope_contract::api::entities::{Rows, RowsQuery};
use brokerscope_figures::rows;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::columns::Columns;
use super::hold::Hold;
use super::row::Line;
use crate::api::entities::{Table, rows_path};
use crate::components::{EmptyState, Notice};
use crate::reactive::{derive, effect, memo, redrawn};
use crate::route::Route;
use crate::state::{fetched, use_live, use_news};

/// Rows of one request.
const PAGE: usize = 100;
/// Rows drawn beyond either edge of the window, so that a quick turn of the wheel meets no gap.
const BEYOND: usize = 12;
/// Heights of a row in pixels, as in the style sheet: one line on a desk, two on a phone.
const DESK_ROW: f64 = 44.0;
const PHONE_ROW: f64 = 68.0;
const PHONE: &str = "(max-width:760px)";

type Answer = RwSignal<Option<Arc<Rows>>>;

#[component]
pub fn List(
    table: Table,
    query: Memo<RowsQuery>,
    columns: Columns,
    hold: Hold,
    /// Set to the newest page that arrived, for the counts.
    answer: Answer,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let sight = in_sight(place);
    let height = row_height();
    let total = memo(move || answer.get().map_or(0, |rows| rows.page.total));
    let shown = memo(move || {
        let (above, window) = sight.get();
        rows::in_sight(total.get(), height.get(), above, window, BEYOND)
    });
    // Before the first answer the first page is asked for anyway.
    let pages = move || match total.get() {
        0 => 0..1,
        _ => rows::pages(shown.get(), PAGE),
    };
    let block = move |page: usize| {
        view! { <Block table query columns hold answer page shown height /> }
    };
    let empty = move || answer.get().is_some_and(|rows| rows.page.total == 0);
    view! {
        <div
            role=move || (total.get() > 0).then_some("rowgroup")
            class="list"
            node_ref=place
            style:height=move || format!("{}px", total.get() as f64 * height.get())
        >
            <For each=pages key=|page| *page children=block />
        </div>
        <Show when=empty>
            {nothing(table, query)}
        </Show>
    }
}

/// Whether something was left out on purpose, apart from what the broker keeps for itself.
fn has_filter(query: &RowsQuery) -> bool {
    [&query.q, &query.system, &query.verdict, &query.kind]
        .into_iter()
        .any(Option::is_some)
        || query.connection.is_some()
}

/// Which input is missing: a connection, or a wider search.
fn nothing(table: Table, query: Memo<RowsQuery>) -> AnyView {
    let news = use_news();
    let watched = memo(move || news.get().is_none_or(|overview| !overview.connections.is_empty()));
    let title = match table {
        Table::Destinations => "No destination yet",
        Table::Subscriptions => "No subscription yet",
    };
    let words = move || match (query.with(has_filter), table) {
        (true, _) => "Nothing matches. Widen the search, or take a filter away.",
        (false, Table::Destinations) => "Nothing has been seen in the connected brokers yet.",
        (false, Table::Subscriptions) => {
            "No subscription has been seen in the connected brokers. Who reads a plain queue is shown with the queue."
        }
    };
    redrawn(move || match watched.get() {
        true => view! { <p class="sub nothing">{words()}</p> }.into_any(),
        false => view! {
            <EmptyState title text="The table lists what connected brokers know.">
                <a class="btn main" href=Route::ConnectionNew.path()>"Add a connection"</a>
            </EmptyState>
        }
        .into_any(),
    })
    .into_any()
}

/// One page of the list: fetched while any of its rows is in sight.
#[component]
fn Block(
    table: Table,
    query: Memo<RowsQuery>,
    columns: Columns,
    hold: Hold,
    answer: Answer,
    page: usize,
    shown: Memo<Range<usize>>,
    height: Signal<f64>,
) -> impl IntoView {
    let live = use_live();
    let path = move || {
        let query = RowsQuery {
            offset: Some(page * PAGE),
            limit: Some(PAGE),
            ..query.get()
        };
        Some(rows_path(table, &query))
    };
    let follow = move || {
        if !hold.is_held() {
            live.follow_all();
        }
    };
    let rows = fetched::<Rows>(path, follow);
    effect(move || {
        if let Some(rows) = rows.get() {
            answer.set(Some(rows));
        }
    });
    let here = move || {
        let shown = shown.get();
        shown.start.max(page * PAGE)..shown.end.min((page + 1) * PAGE)
    };
    let line = move |at: usize| {
        let row = memo(move || {
            rows.get()
                .and_then(|rows| rows.page.items.get(at - page * PAGE).cloned())
        });
        view! {
            <div role="presentation" class="slot" style:top=move || format!("{}px", at as f64 * height.get())>
                <Line row columns at />
            </div>
        }
    };
    let error = derive(move || rows.error().filter(|_| rows.get().is_none()));
    view! {
        <Notice error retry=move |()| rows.refresh() />
        <div role="presentation" class:outdated=move || rows.is_outdated()>
            <For each=here key=|at| *at children=line />
        </div>
    }
}

/// How far the list is scrolled past the window's upper edge, and the window's height; in pixels.
fn in_sight(place: NodeRef<html::Div>) -> Signal<(f64, f64)> {
    let sight = RwSignal::new((0.0, 800.0));
    let waiting = StoredValue::new(false);
    let measure = move || {
        waiting.try_set_value(false);
        let height = window().inner_height().ok().and_then(|height| height.as_f64());
        if let (Some(Some(list)), Some(height)) = (place.try_get_untracked(), height) {
            sight.try_set((-list.get_bounding_client_rect().top(), height));
        }
    };
    // Many scroll events fall into one frame; one measurement is enough.
    let soon = move || {
        if !waiting.get_value() {
            waiting.set_value(true);
            request_animation_frame(measure);
        }
    };
    let scrolled = window_event_listener(ev::scroll, move |_| soon());
    let resized = window_event_listener(ev::resize, move |_| soon());
    effect(move || {
        place.track();
        soon();
    });
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    sight.into()
}

fn row_height() -> Signal<f64> {
    let now = || {
        let phone = window()
            .match_media(PHONE)
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        if phone { PHONE_ROW } else { DESK_ROW }
    };
    let height = RwSignal::new(now());
    let resized = window_event_listener(ev::resize, move |_| height.set(now()));
    on_cleanup(move || resized.remove());
    height.into()
}
