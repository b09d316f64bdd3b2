//! Alert rules at work: after each stored visit the rules are asked about what was stored, and alerts come and go.
//!
//! [`engine`] is the door; [`watch`] finds what a rule watches in the live view, [`book`] has it judged, [`record`] turns
//! states of the pure evaluation into alerts and back, [`settle`] stores and tells them, [`past`] replays a rule over the stored past. What an alert *is* is decided
//! in the `judge` room only.

mod book;
mod change;
mod engine;
mod past;
mod record;
mod settle;
mod watch;

pub use engine::Alerts;

#[cfg(test)]
mod tests;
