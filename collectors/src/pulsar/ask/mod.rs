//! The questions of one visit, one subject a file. What an answer means is left to the map.

mod cluster;
mod details;
mod figures;
mod namespaces;

/// Questions to different brokers or about different namespaces that run at the same time.
pub const AT_ONCE: usize = 8;
