//! How the store itself is doing.

use std::path::Path;
use std::sync::PoisonError;

use brokerscope_contract::Timestamp;

use crate::Store;

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
    /// The first write that failed since the last one that succeeded, by the time that the last visit or round of
    /// housekeeping told.
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
        let connections = self.inner.catalogue.read().all();
        StoreHealth {
            bytes: bytes_on_disk(&self.inner.path),
            trouble: self
                .inner
                .trouble
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            pending_samples: connections
                .iter()
                .map(|connection| connection.read().pending_samples())
                .sum(),
        }
    }
}

/// Of the database and its log; a file that is not there takes nothing.
fn bytes_on_disk(database: &Path) -> u64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    size(database) + size(Path::new(&log))
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
