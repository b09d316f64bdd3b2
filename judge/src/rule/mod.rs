//! Alert rules: which entities they watch, when they fire and end, and what they would have done.

mod check;
mod eval;
mod glob;
mod preview;
mod scope;
mod sentence;
mod state;

pub use check::problems;
pub use eval::{after_clock_jump, eval};
pub use preview::{Past, preview, preview_sentence};
pub use scope::{Candidate, matches};
pub use sentence::{active, condition, resolved};
pub use state::{Phase, Reason, Series, State, Transition};
