//! Spans as the services make them, and the tracer that takes those that have ended.

use std::sync::Arc;

use brokerscope_contract::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Context;

/// Kinds with the numbers that OTLP gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Internal = 1,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Whole(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Whole(number)
    }
}

/// A span that has ended. Times are nanoseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub service: &'static str,
    pub context: Context,
    pub parent: Option<u64>,
    pub links: Vec<Context>,
    pub name: String,
    pub kind: Kind,
    pub start: i64,
    pub end: i64,
    pub attributes: Vec<(&'static str, Value)>,
    /// What went wrong.
    pub error: Option<String>,
}

/// Gives out the time for spans, and takes them when they have ended. Cheap to clone.
#[derive(Clone)]
pub struct Tracer {
    /// Nobody listens: spans are not even made.
    spans: Option<mpsc::Sender<Span>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    started: (Instant, Timestamp),
}

impl Tracer {
    pub fn new(spans: Option<mpsc::Sender<Span>>, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Tracer {
        let started = (Instant::now(), clock());
        Tracer { spans, clock, started }
    }

    /// Nanoseconds since 1970. The clock tells milliseconds only, which is too coarse for spans within a process.
    pub fn nanos(&self) -> i64 {
        let (instant, timestamp) = self.started;
        let passed = i64::try_from(instant.elapsed().as_nanos()).unwrap_or(i64::MAX);
        timestamp.0.saturating_mul(1_000_000).saturating_add(passed)
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Hands in a span. When the receiver is too slow it is dropped: the shop does not wait for its observers.
    pub fn end(&self, span: impl FnOnce() -> Span) {
        if let Some(spans) = &self.spans {
            let _ = spans.try_send(span());
        }
    }
}
