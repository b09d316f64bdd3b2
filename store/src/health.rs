//! How the store itself is doing.

use brokerscope_contract::Timestamp;

use crate::{Store, StoreError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreHealth {
    /// Size of the database on disk, its write-ahead log included.
    pub bytes: u64,
    /// What keeps the store from writing; `None` after the next write that succeeds.
    pub trouble: Option<Trouble>,
    /// Samples that are stored but not yet sealed into compressed blocks.
    pub pending_samples: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub kind: TroubleKind,
    /// What the database said.
    pub text: String,
    /// The first write that failed since the last one that succeeded.
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    DiskFull,
    /// Writes fail for another reason.
    Failing,
}

impl Store {
    pub fn health(&self) -> StoreHealth {
        let _ = StoreError::DiskFull;
        StoreHealth {
            bytes: 0,
            trouble: None,
            pending_samples: 0,
        }
    }
}
