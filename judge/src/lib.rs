//! Thought without I/O: what is concluded, derived and alerted on, from stored facts and the time that is handed in.
//!
//! Nothing here reads a clock, a store or a socket; the same input always gives the same answer.
//! [`verdict`] says what is wrong without any threshold, [`derive`] figures that no broker gives,
//! [`rule`] what the thresholds that people set would do and do.

pub mod counter;
pub mod derive;
pub mod rule;
mod trend;
pub mod verdict;
mod wording;
