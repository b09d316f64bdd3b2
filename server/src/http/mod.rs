//! The HTTP API, its guards, and one small file per resource.
//!
//! [`router`] is the table of contents; [`error`] is the only place that picks a status.

pub mod accept;
mod alerts;
mod chart;
mod connections;
mod demo;
mod entities;
pub mod error;
mod etag;
mod events;
mod extract;
mod guard;
mod headers;
mod health;
mod metrics;
mod openapi;
mod overview;
mod probes;
pub mod router;
mod rows;
mod rules;
mod series;
mod state;
mod systems;
mod topology;
mod webhook;

pub use guard::Hosts;
pub use state::{Api, Parts};
