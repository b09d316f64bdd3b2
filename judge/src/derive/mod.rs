//! Figures that no broker gives and that follow from what was observed: time to drain, age of the oldest message.

mod age;
mod drain;

pub use age::oldest_age_seconds;
pub use drain::drain_seconds;
