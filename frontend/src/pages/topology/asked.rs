//! What is asked for: focus, hops, connection, internals, search and table in the address; open groups and what was
//! chosen besides.

use std::collections::BTreeSet;

use brokerscope_contract::api::topology::TopologyQuery;
use leptos::prelude::*;

use crate::reactive::memo;
use crate::state::{Address, use_address};

pub const HOPS: usize = 2;
const MOST_HOPS: usize = 6;

#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    address: Address,
    pub focus: Memo<Option<i64>>,
    pub hops: Memo<usize>,
    pub connection: Memo<Option<i64>>,
    pub internal: Memo<bool>,
    /// Part of a name; empty when nothing is searched.
    pub search: Memo<String>,
    table: Memo<bool>,
    /// Groups that are shown as what they hold.
    pub open: RwSignal<BTreeSet<i64>>,
    /// What is looked at: it stays a box of its own when its group closes.
    pub pinned: RwSignal<Option<i64>>,
    /// There is so much that the server gathers it, and has to know what is not to be gathered.
    pub gathered: RwSignal<bool>,
}

impl Wanted {
    pub fn start() -> Wanted {
        let address = use_address();
        let text = |key: &'static str| address.param(key);
        let number = move |key: &'static str| {
            let text = text(key);
            memo(move || text.get().and_then(|text| text.parse::<i64>().ok()))
        };
        let hops = number("hops");
        let (internal, search, view) = (text("internal"), text("find"), text("view"));
        Wanted {
            address,
            focus: number("focus"),
            hops: memo(move || hops.get().map_or(HOPS, |hops| hops.clamp(1, MOST_HOPS as i64) as usize)),
            connection: number("connection"),
            internal: memo(move || internal.get().is_some()),
            search: memo(move || search.get().unwrap_or_default()),
            table: memo(move || view.get().as_deref() == Some("table")),
            open: RwSignal::default(),
            pinned: RwSignal::default(),
            gathered: RwSignal::new(false),
        }
    }

    /// The question itself, without what is taken out of groups for it: its answers share their places. Tracked.
    pub fn query(self) -> TopologyQuery {
        let focus = self.focus.get();
        TopologyQuery {
            connection: self.connection.get(),
            focus,
            hops: focus.map(|_| self.hops.get()),
            internal: self.internal.get().then_some(true),
            ..TopologyQuery::default()
        }
    }

    /// What the server is asked. A graph that is not gathered is the same whatever was found or chosen in it. Tracked.
    pub fn full_query(self) -> TopologyQuery {
        let query = self.query();
        if !self.gathered.get() {
            return query;
        }
        let open: Vec<String> = self.open.with(|open| open.iter().map(i64::to_string).collect());
        TopologyQuery {
            find: Some(self.search.get().trim().to_string()).filter(|find| !find.is_empty()),
            pin: self.pinned.get().map(|id| id.to_string()),
            open: (!open.is_empty()).then(|| open.join(",")),
            ..query
        }
    }

    /// Shows a group as what it holds.
    pub fn open_group(self, id: i64) {
        self.open.update(|open| {
            open.insert(id);
        });
    }

    pub fn as_table(self) -> bool {
        self.table.get()
    }

    pub fn is_narrowed(self) -> bool {
        self.focus.get().is_some() || self.connection.get().is_some()
    }

    pub fn widen(self) {
        let query = self.address.query_untracked();
        let query = ["focus", "hops", "connection"]
            .iter()
            .fold(query, |query, key| query.with(key, None));
        self.address.set_query(query);
    }

    /// A step in the history, so that "back" leads to the whole graph again.
    pub fn set_focus(self, focus: Option<i64>) {
        let query = self
            .address
            .query_untracked()
            .with("focus", focus.map(|id| id.to_string()).as_deref());
        let query = if focus.is_none() {
            query.with("hops", None)
        } else {
            query
        };
        self.address.go(&query.on(&crate::route::Route::Topology.path()));
    }

    /// One hop more or fewer.
    pub fn add_hops(self, by: i64) {
        let hops = (self.hops.get_untracked() as i64 + by).clamp(1, MOST_HOPS as i64);
        let text = (hops != HOPS as i64).then(|| hops.to_string());
        self.address.set_param("hops", text.as_deref());
    }

    pub fn set_connection(self, id: Option<i64>) {
        self.address
            .set_param("connection", id.map(|id| id.to_string()).as_deref());
    }

    pub fn set_internal(self, on: bool) {
        self.address.set_param("internal", on.then_some("1"));
    }

    pub fn set_search(self, text: &str) {
        self.address.set_param("find", Some(text));
    }

    pub fn set_table(self, on: bool) {
        self.address.set_param("view", on.then_some("table"));
    }
}
