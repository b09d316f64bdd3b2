//! What is answered to each API: one file per family, and the table of all of them.

mod configs;
mod consumer_group;
mod context;
mod coordinator;
mod dispatch;
mod fetch;
mod group_list;
#[cfg(test)]
mod hostile_tests;
mod log_dirs;
mod membership;
mod metadata;
mod offset_commits;
mod offsets;
mod produce;
mod quorum;
mod table;
mod topics;
mod versions;

pub use context::Context;
pub use dispatch::answer;
#[cfg(test)]
pub use table::APIS;
pub use table::{Api, find};
pub use versions::unsupported;
