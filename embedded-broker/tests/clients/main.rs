//! The broker as real clients see it: rdkafka, kcat, and Kafka's own command-line tools.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on panics with what it saw, also in the functions that tests share"
)]

mod admin;
mod alike;
mod cluster;
mod faults;
mod groups;
mod hostile;
mod raw;
mod refusals;
mod samples;
mod tools;
mod traffic;

/// What a client waits for an answer that must come: a busy machine is no failure.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
