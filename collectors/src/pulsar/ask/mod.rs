//! The questions of one visit, one subject a file. What an answer means is left to the map.

mod ages;
mod cluster;
mod figures;
mod namespaces;
mod one_by_one;

/// Questions to different brokers or about different namespaces that run at the same time.
pub const AT_ONCE: usize = 8;
