//! What the benchmarks share: the data they use and what they measure with.

#[cfg(feature = "product")]
pub mod answers;
pub mod fleet;
pub mod measure;
pub mod peers;
