//! Opening and closing the database file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection, SqlitePool};
use tokio::sync::mpsc;

use crate::catalogue::{Shared, load};
use crate::samples;
use crate::store::Inner;
use crate::{Store, StoreError};

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Only the store itself writes, so nobody waits for SQLite's own lock longer than for a checkpoint.
const BUSY: Duration = Duration::from_secs(10);
/// How long a write waits for those before it: longer than the slowest disk takes for them.
const PATIENCE: Duration = Duration::from_secs(300);
/// The log is folded into the file every so many pages of 4 KB: seldom, because each time waits for the disk.
const CHECKPOINT_PAGES: &str = "4000";
/// What is left of the log file after that, at most. Bytes.
const LOG_BYTES: &str = "33554432";

#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The database file; created when missing. `-wal`, `-shm` and `.lock` appear beside it.
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
    pub async fn open(options: &StoreOptions) -> Result<Store, StoreError> {
        let lock = lock(&options.path)?;
        let writer = open_writer(&options.path).await?;
        MIGRATOR.run(&writer).await?;
        let readers = open_readers(options).await?;
        let (catalogue, ids) = load::load(&readers).await?;
        let (to_seal, due) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            path: options.path.clone(),
            lock,
            writer,
            readers,
            catalogue: Shared::new(catalogue),
            ids: Mutex::new(ids),
            trouble: Mutex::new(None),
            told: AtomicI64::new(0),
            to_seal,
            sealing: tokio::sync::Mutex::new(()),
        });
        tokio::spawn(samples::run_sealer(Arc::downgrade(&inner), due));
        Ok(Store { inner })
    }

    /// Waits for what runs in the background and folds the write-ahead log into the file.
    pub async fn close(&self) {
        let _no_seal_runs = self.inner.sealing.lock().await;
        if let Err(error) = self.inner.write_last_seen().await {
            tracing::warn!(%error, "what was seen last could not be written");
        }
        self.inner.readers.close().await;
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.inner.writer)
            .await
        {
            tracing::warn!(%error, "the write-ahead log could not be folded into the database");
        }
        self.inner.writer.close().await;
        // Not left to the last clone: some may live on for a while, and cannot do anything any more.
        if let Err(error) = self.inner.lock.unlock() {
            tracing::warn!(%error, "the lock of the database could not be given back");
        }
    }
}

/// The number of the newest migration that this release has.
pub(crate) fn newest_schema() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Keeps other processes away. The lock goes with the process, however that ends.
fn lock(database: &Path) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(StoreError::Open)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(StoreError::Open(error)),
    }
}

fn base(path: &Path) -> SqliteConnectOptions {
    // SQLite's text is not logged: errors carry what matters, and names in bound values are nobody's business.
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .disable_statement_logging()
}

async fn open_writer(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = base(path)
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        // With the log, a killed process loses nothing that was committed, and a power cut breaks nothing.
        .synchronous(SqliteSynchronous::Normal)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_BYTES);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .after_release(|writer, _| Box::pin(is_outside_of_transactions(writer)));
    Ok(pool.connect_with(options).await?)
}

/// Whether whoever had the writer has left no transaction open. If one is, the writer is closed and opened anew.
///
/// When the disk is full, SQLite may end a transaction by itself. sqlx does not learn of it and counts one too many from
/// then on: what it begins and commits later is a savepoint inside of a transaction that never ends, and all of that
/// is gone with the process.
/// <https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>
async fn is_outside_of_transactions(writer: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback may still be on its way to the thread that does it.
    writer.ping().await?;
    Ok(!writer.is_in_transaction())
}

async fn open_readers(options: &StoreOptions) -> Result<SqlitePool, StoreError> {
    let connect = base(&options.path).pragma("query_only", "ON");
    let pool = SqlitePoolOptions::new().max_connections(options.readers.max(1));
    Ok(pool.connect_with(connect).await?)
}
