//! The time range of all charts, kept in the address so that a link shows the same.

use crate::reactive::memo;
use brokerscope_figures::range::Span;
use leptos::prelude::*;

use crate::query::Query;
use crate::state::{Address, clock, use_address};

const KEYS: [&str; 3] = ["range", "from", "to"];

/// The chosen span; a copy of what the address says.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    address: Address,
    span: Memo<Span>,
}

/// The time range; provided by the application.
pub fn use_range() -> Range {
    expect_context()
}

impl Range {
    pub fn start() -> Range {
        let address = use_address();
        let span = memo(move || read(&address.query()));
        Range { address, span }
    }

    pub fn span(self) -> Span {
        self.span.get()
    }

    pub fn span_untracked(self) -> Span {
        self.span.get_untracked()
    }

    /// From and to in milliseconds, as of now. Tracks the span, not the clock: call it where new data arrives.
    pub fn window(self) -> (i64, i64) {
        self.span.get().window(clock::now())
    }

    pub fn set(self, span: Span) {
        self.address.set_query(write(self.address.query_untracked(), span));
    }

    /// The range as an address writes it, to be copied.
    pub fn written(self) -> Query {
        write(Query::default(), self.span_untracked()).or("range", &self.span_untracked().slug())
    }

    /// Takes a copied range, or a whole copied address; anything else changes nothing.
    pub fn set_written(self, text: &str) {
        let query = Query::parse(text.trim().rsplit('?').next().unwrap_or(text));
        if KEYS.iter().any(|key| query.get(key).is_some()) {
            self.set(read(&query));
        }
    }

    /// Moves by half a window; negative is earlier.
    pub fn shift(self, halves: i64) {
        self.set(self.span_untracked().shifted(halves, clock::now()));
    }

    pub fn zoom_out(self) {
        self.set(self.span_untracked().zoomed_out(clock::now()));
    }
}

/// Adds the present range to the query of another page, unless that has one.
pub fn carry(present: &Query, next: Query) -> Query {
    if KEYS.iter().any(|key| next.get(key).is_some()) {
        return next;
    }
    KEYS.iter().fold(next, |next, key| match present.get(key) {
        Some(value) => next.with(key, Some(value)),
        None => next,
    })
}

/// The query that shows exactly this window, whenever it is opened.
pub fn absolute(query: Query, from: i64, to: i64) -> Query {
    write(query, Span::Between { from, to })
}

fn read(query: &Query) -> Span {
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<i64>().ok());
    if let (Some(from), Some(to)) = (number("from"), number("to"))
        && from < to
    {
        return Span::Between { from, to };
    }
    query.get("range").and_then(Span::parse_last).unwrap_or_default()
}

fn write(query: Query, span: Span) -> Query {
    let (range, from, to) = match span {
        Span::Between { from, to } => (None, Some(from.to_string()), Some(to.to_string())),
        last if last == Span::default() => (None, None, None),
        Span::Last(_) => (Some(span.slug()), None, None),
    };
    query
        .with("range", range.as_deref())
        .with("from", from.as_deref())
        .with("to", to.as_deref())
}
