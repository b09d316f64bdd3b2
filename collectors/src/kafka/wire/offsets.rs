//! Positions in logs.

use serde::{Deserialize, Serialize};

use super::Trouble;

/// One offset, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionOffset {
    pub topic: String,
    pub partition: i32,
    pub offset: Result<i64, Trouble>,
}

/// Which end of the log ListOffsets is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    Earliest,
    Latest,
}
