//! The configuration file: what it may say, and what is wrong with it, line by line.
//!
//! Start with [`model`] for what comes out and [`file`] for how it is read; each table has a file of its own.

mod connection;
pub mod file;
pub mod model;
mod outside;
mod problem;
mod quantity;
mod rule;
mod section;
mod server;
mod store;
mod webhook;

#[cfg(test)]
mod tests;

pub use model::{Config, DeclaredConnection, DeclaredRule, ServerConfig, StoreConfig, WebhookConfig};
pub use outside::Outside;
pub use problem::Problem;
