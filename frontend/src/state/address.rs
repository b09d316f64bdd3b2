//! The address bar as signals: which page, which query; and the way from one page to the next.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::reactive::memo;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, MouseEvent, ScrollRestoration};

use crate::query::Query;
use crate::route::Route;
use crate::state::range;

thread_local! {
    /// How many pages of this product lie behind in the history.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// How far each address was scrolled when it was left, for the way back.
    static SCROLLED: RefCell<HashMap<String, f64>> = RefCell::default();
}

#[derive(Debug, Clone, Copy)]
pub struct Address {
    path: RwSignal<String>,
    query: RwSignal<Query>,
    /// The pages' own last word before leaving, e.g. unsaved changes: true lets go.
    guard: StoredValue<Option<Callback<(), bool>>>,
}

/// The address of the window; provided by the application.
pub fn use_address() -> Address {
    expect_context()
}

impl Address {
    /// Reads the address bar and follows links, back and forward.
    pub fn start() -> Address {
        let address = Address {
            path: RwSignal::new(String::new()),
            query: RwSignal::default(),
            guard: StoredValue::new(None),
        };
        address.read();
        if let Ok(history) = window().history() {
            let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
        }
        window_event_listener(ev::popstate, move |event| address.popped(event.state().as_f64()));
        window_event_listener(ev::click, move |event| address.follow(&event));
        address
    }

    pub fn route(self) -> Memo<Route> {
        memo(move || self.path.with(|path| Route::parse(path)))
    }

    /// The whole query, tracked.
    pub fn query(self) -> Query {
        self.query.get()
    }

    pub fn query_untracked(self) -> Query {
        self.query.get_untracked()
    }

    /// One value of the query, tracked.
    pub fn param(self, key: &'static str) -> Memo<Option<String>> {
        memo(move || self.query.with(|query| query.get(key).map(str::to_string)))
    }

    /// Changes one value of the query in place; no new entry in the history.
    pub fn set_param(self, key: &str, value: Option<&str>) {
        self.set_query(self.query.get_untracked().with(key, value));
    }

    pub fn set_query(self, query: Query) {
        if self.query.with_untracked(|present| *present == query) {
            return;
        }
        let href = query.on(&self.path.get_untracked());
        write_history(&href, true);
        self.query.set(query);
    }

    /// Goes to another page. The time range goes along unless `href` has its own.
    pub fn go(self, href: &str) {
        if self.may_leave() {
            self.leave_for(href, false);
        }
    }

    /// Takes the place of the present page in the history.
    pub fn replace(self, href: &str) {
        self.leave_for(href, true);
    }

    /// The browser has gone back or forward, to a page at this depth. Where typed text would be lost it comes back.
    fn popped(self, depth: Option<f64>) {
        let leaves = self.path.with_untracked(|present| *present != here());
        if leaves && !self.may_leave() {
            write_history(&self.query.get_untracked().on(&self.path.get_untracked()), false);
            return;
        }
        DEPTH.set(depth.unwrap_or_default() as usize);
        self.read();
        restore_scroll();
    }

    /// To the page before this one; to the page above it when this is where the visit began.
    pub fn back(self) {
        let route = Route::parse(&self.path.get_untracked());
        match (DEPTH.get(), window().history()) {
            (1.., Ok(history)) => drop(history.back()),
            _ if route.section() != route => self.go(&route.section().path()),
            _ => {}
        }
    }

    /// Asks `guard` before this page is left by a link or through the history; forgotten when the calling component ends.
    pub fn guard(self, guard: Callback<(), bool>) {
        self.guard.set_value(Some(guard));
        on_cleanup(move || {
            self.guard.try_set_value(None);
        });
    }

    fn may_leave(self) -> bool {
        self.guard.get_value().is_none_or(|guard| guard.run(()))
    }

    fn leave_for(self, href: &str, replace: bool) {
        remember_scroll();
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        let query = range::carry(&self.query.get_untracked(), Query::parse(query));
        DEPTH.set(DEPTH.get() + usize::from(!replace));
        write_history(&query.on(path), replace);
        if self.path.with_untracked(|present| present != path) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus_content();
        }
        self.read();
    }

    fn read(self) {
        let location = location();
        let path = location.pathname().unwrap_or_default();
        let query = Query::parse(&location.search().unwrap_or_default());
        // The query first: a page that is about to go must not see the next page's query as its own path changes.
        batch_set(self.path, path);
        batch_set(self.query, query);
    }

    fn follow(self, event: &MouseEvent) {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || modified || event.button() != 0 {
            return;
        }
        let Some(href) = own_link(event) else { return };
        event.prevent_default();
        self.go(&href);
    }
}

fn batch_set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|present| *present != value) {
        signal.set(value);
    }
}

/// The address of the link that was clicked, when it leads to a page of this product.
fn own_link(event: &MouseEvent) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok()??;
    let href = link.get_attribute("href")?;
    let own = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/api/");
    (own && !link.has_attribute("download") && !link.has_attribute("target")).then_some(href)
}

/// Each entry holds its depth, so that back and forward can be told apart.
fn write_history(href: &str, replace: bool) {
    let depth = JsValue::from_f64(DEPTH.get() as f64);
    if let Ok(history) = window().history() {
        let _ = match replace {
            true => history.replace_state_with_url(&depth, "", Some(href)),
            false => history.push_state_with_url(&depth, "", Some(href)),
        };
    }
}

/// Whoever goes by keyboard or is read to continues where the new page begins.
fn focus_content() {
    let content = document()
        .get_element_by_id("main")
        .and_then(|main| main.dyn_into::<HtmlElement>().ok());
    if let Some(content) = content {
        let _ = content.focus();
    }
}

fn here() -> String {
    location().pathname().unwrap_or_default()
}

fn remember_scroll() {
    let scrolled = window().scroll_y().unwrap_or(0.0);
    SCROLLED.with_borrow_mut(|places| places.insert(here(), scrolled));
}

/// After two frames the page that was returned to has its height again.
fn restore_scroll() {
    let scrolled = SCROLLED.with_borrow(|places| places.get(&here()).copied().unwrap_or(0.0));
    request_animation_frame(move || {
        request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, scrolled));
    });
}
