//! Everything that can go wrong in the store, and the one place where SQLite's errors are read.

use std::io;

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

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
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A name that must be unique is in use.
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    /// Something stored cannot be understood.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("the store is closed")]
    Closed,
    /// The file, or the folder that it is to be in, cannot be used.
    #[error("the database could not be opened: {0}")]
    Open(#[source] io::Error),
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

/// SQLite's result codes that tell of a full disk: no room in the file, and no room for the index of the log.
/// <https://www.sqlite.org/rescode.html>
const FULL: &[&str] = &["13", "4874"];
/// SQLite's result codes for a file that is no database or is broken inside, without their extensions.
const DAMAGED: &[i32] = &[11, 26];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        match &error {
            sqlx::Error::PoolClosed => StoreError::Closed,
            sqlx::Error::Io(source) if is_full(source) => StoreError::DiskFull,
            sqlx::Error::Migrate(_) => match error {
                sqlx::Error::Migrate(error) => StoreError::from(*error),
                other => StoreError::Database(other),
            },
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default();
                let primary = code.parse::<i32>().map_or(0, |code| code & 0xff);
                if FULL.contains(&code.as_ref()) {
                    StoreError::DiskFull
                } else if DAMAGED.contains(&primary) {
                    StoreError::Damaged(said.message().to_string())
                } else {
                    StoreError::Database(error)
                }
            }
            _ => StoreError::Database(error),
        }
    }
}

impl StoreError {
    /// Tells a name that is in use from other errors; for tables whose only unique text is a name.
    pub(crate) fn or_taken(name: &str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |error| match error.as_database_error() {
            Some(said) if said.kind() == ErrorKind::UniqueViolation => StoreError::NameTaken(name.to_string()),
            _ => error.into(),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> StoreError {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(found) => StoreError::Newer {
                found,
                known: crate::open::newest_schema(),
            },
            MigrateError::VersionMismatch(version) => {
                StoreError::Damaged(format!("its schema {version} is not the one that was released"))
            }
            other => StoreError::Damaged(other.to_string()),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_errors_of_the_file_system() {
        let from = |kind| StoreError::from(sqlx::Error::Io(io::Error::from(kind)));
        assert!(matches!(from(io::ErrorKind::StorageFull), StoreError::DiskFull));
        assert!(matches!(from(io::ErrorKind::QuotaExceeded), StoreError::DiskFull));
        assert!(matches!(from(io::ErrorKind::PermissionDenied), StoreError::Database(_)));
    }
}
