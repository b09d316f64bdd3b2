//! The configured brokers: adding, changing, pausing and removing them, from the page and from the file.
//!
//! Start with [`registry`]: every change goes through it, one at a time, and ends in [`refresh`].

mod change;
mod declared;
mod demo;
mod error;
mod probe;
mod refresh;
mod registry;
mod sealing;

pub use error::ConnectionError;
pub use registry::Connections;
