//! Charts: drawing only; the arithmetic is in the figures crate.

mod heartbeat;
mod sparkline;

pub use heartbeat::Heartbeat;
pub use sparkline::Sparkline;
