//! Charts: drawing only; the arithmetic is in the figures crate.

mod heartbeat;
mod sparkline;
mod time_chart;

pub use heartbeat::Heartbeat;
pub use sparkline::{Sparkline, trend};
pub use time_chart::{Cursor, Ink, Mark, Series, Threshold, ThresholdKind, TimeChart, width_of};
