//! Tells the outside about alerts: one generic webhook.
//!
//! [`message`] decides what is said and whether, without any I/O; [`delivery`] sends it and tries again;
//! [`webhook`] keeps the address and the queue between them.

mod delivery;
mod message;
mod webhook;

pub use message::{Message, Occasion};
pub use webhook::{NotifyError, Webhook};
