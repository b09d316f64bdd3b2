//! The server's API as the page uses it: one file per resource, errors as problems.

pub mod alerts;
pub mod connections;
pub mod demo;
mod early;
pub mod entities;
pub mod error;
pub mod http;
pub mod overview;
pub mod rules;
pub mod series;
pub mod stream;
pub mod topology;
pub mod webhook;

pub use error::ApiError;
