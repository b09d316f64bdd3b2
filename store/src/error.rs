//! Everything that can go wrong in the store, and the one place where SQLite's errors are read.

use std::io;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was written. Reads go on; writes succeed again as soon as there is room.
    #[error("the disk is full")]
    DiskFull,
    /// The file was written by a later release of Brokerscope.
    #[error("the database was made by a newer release (it has schema {found}, this release knows {known})")]
    Newer { found: i64, known: i64 },
    /// Another process has the file open.
    #[error("another Brokerscope uses this database")]
    InUse,
    /// What was named does not exist (any more).
    #[error("there is no {0}")]
    NotFound(&'static str),
    /// A name that must be unique is in use.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// Something stored cannot be understood.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("the store is closed")]
    Closed,
    #[error("the database could not be opened: {0}")]
    Open(#[source] io::Error),
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}
