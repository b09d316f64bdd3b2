//! Tells the outside about alerts: one generic webhook.
//!
//! [`webhook`] is the door. [`message`] decides what is said and whether, without any I/O; it waits in the [`outbox`], in
//! a [`queue`] that says what is dropped when too much waits; the [`sender`] takes it from there until [`delivery`]
//! succeeds.

mod delivery;
mod message;
mod outbox;
mod queue;
mod sender;
mod webhook;

pub use message::{Message, Occasion};
pub use webhook::{NotifyError, Webhook};
