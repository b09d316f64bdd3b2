//! The Brokerscope server: command line, configuration, wiring, alerts, the HTTP API and the embedded page.
//!
//! Start with `app`, which wires the rooms together, and `http::router`, the table of contents of the API.

pub mod alerts;
pub mod app;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
mod connections;
pub mod data_dir;
pub mod demo;
pub mod events;
pub mod http;
pub mod ingest;
pub mod live;
mod names;
pub mod notify;
mod process;
mod rules;
pub mod secrets;
mod settings;
mod suggest;
mod web;
