//! What the benchmarks share: the data they use and what they measure with.

pub mod answers;
pub mod fleet;
pub mod measure;
pub mod peers;
