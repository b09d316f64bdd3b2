//! Traces of the shop: W3C context in message headers, and spans with the messaging conventions over OTLP.

mod context;
mod export;
mod otlp;
mod span;

pub use context::Context;
pub use export::Exporter;
pub use span::{Kind, Span, Tracer, Value};
