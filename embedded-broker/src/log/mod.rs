//! What a partition stores: batches as bytes, their offsets, and who produced them.

mod batch;
mod partition;
#[cfg(test)]
mod partition_tests;
mod producers;
mod records;

pub use batch::Header;
pub use partition::{Found, Limits, Log};
pub use records::Patience;
