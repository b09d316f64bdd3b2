//! The demo: an e-commerce shop whose services talk through a broker, and the faults that can be switched on in it.
//!
//! Start with [`Demo`], the handle of the server. [`shop`] starts the services, [`services`] are what they do, and
//! [`clients`] is how they speak to the broker: as ordinary clients over TCP. What decides is pure and in files of its
//! own: [`saga`], [`backoff`], [`breaker`], [`message`], [`seen`].

mod backoff;
mod breaker;
mod broker;
mod clients;
mod demo;
mod faults;
mod ledger;
mod message;
mod provider;
#[cfg(test)]
mod refusal_tests;
mod saga;
mod seen;
mod services;
mod shop;
mod telemetry;
mod topics;

/// For programs that may be built without this room.
pub const AVAILABLE: bool = true;

pub use demo::{Demo, DemoError, Options};
pub use faults::Fault;
