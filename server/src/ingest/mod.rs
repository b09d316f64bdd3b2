//! The way of a visit: observed, completed with derived figures, stored, shown, judged, checked against the rules, told.
//!
//! [`run`] takes one visit after the other; nothing is shown or judged that could not be stored. The channel that
//! visits come through is short: when the disk is slow, the runners wait, and nothing piles up in memory.

mod beat;
mod derived;
mod groups;
mod judging;
mod late;
mod observe;
mod run;
mod steps;
mod watch;

pub use run::{Ingest, run};

#[cfg(test)]
mod late_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unanswered_tests;
#[cfg(test)]
pub mod world;
