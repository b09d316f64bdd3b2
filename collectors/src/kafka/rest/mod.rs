//! Services beside the brokers that are asked over HTTP: how they are reached, and why they were not.

mod client;
mod failure;
#[cfg(test)]
pub mod fake;
mod settings;

pub use client::{Client, place, segment};
pub use failure::Failure;
pub use settings::{Service, Words, fields, read};
