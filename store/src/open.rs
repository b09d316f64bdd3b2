//! Opening and closing the database file.

use std::path::PathBuf;

use crate::{Store, StoreError};

#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The database file; created when missing. Two more files appear beside it while it is open (`-wal`, `-shm`).
    pub path: PathBuf,
    /// How many reads may run at once; each takes a thread and about 2 MB.
    pub readers: u32,
}

impl StoreOptions {
    pub fn new(path: impl Into<PathBuf>) -> StoreOptions {
        StoreOptions {
            path: path.into(),
            readers: 4,
        }
    }
}

impl Store {
    /// Opens the file, brings an older one up to date and reads what is kept in memory.
    ///
    /// Must be called inside a tokio runtime: sealing runs in the background.
    pub async fn open(_options: &StoreOptions) -> Result<Store, StoreError> {
        Ok(Store::unfinished())
    }

    /// Finishes what runs in the background and folds the write-ahead log into the file.
    pub async fn close(&self) {}
}
