//! The handle that everybody holds, and the one door through which everything is written.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use brokerscope_contract::{ConnectionId, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::mpsc;

use crate::StoreError;
use crate::catalogue::{Catalogue, Shared};
use crate::health::{Trouble, TroubleKind};
use crate::visits::Ids;

/// The database and what is kept of it in memory. Clones share both.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub path: PathBuf,
    /// Held for as long as the store is: two processes would give out the same ids.
    pub lock: File,
    /// One connection. Who has it may change the database and then the catalogue.
    pub writer: SqlitePool,
    pub readers: SqlitePool,
    pub catalogue: Shared<Catalogue>,
    /// Changed only by who has the writer; a mutex because it is shared, not because it is contended.
    pub ids: Mutex<Ids>,
    pub trouble: Mutex<Option<Trouble>>,
    /// The time as last told by a caller, for `trouble`: there is no clock in this room.
    pub told: AtomicI64,
    /// Tells the background task which connection has gathered enough to be sealed.
    pub to_seal: mpsc::UnboundedSender<ConnectionId>,
    /// Held while sealing: one connection at a time.
    pub sealing: tokio::sync::Mutex<()>,
}

impl Inner {
    /// The writer, as soon as everybody before has done.
    pub async fn writer(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.writer.acquire().await?)
    }

    /// Notes what time it is.
    pub fn tell(&self, now: Timestamp) {
        self.told.store(now.0, Ordering::Relaxed);
    }

    /// Notes how a write went, for [`Store::health`].
    pub fn note<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &outcome {
            Ok(_) => *trouble = None,
            Err(error) => {
                let Some(kind) = trouble_kind(error) else {
                    return outcome;
                };
                let since = trouble
                    .as_ref()
                    .filter(|before| before.kind == kind)
                    .map(|before| before.since);
                *trouble = Some(Trouble {
                    kind,
                    text: error.to_string(),
                    since: since.unwrap_or_else(|| Timestamp(self.told.load(Ordering::Relaxed))),
                });
            }
        }
        outcome
    }

    /// One small write that concerns no memory: acquires, runs, notes how it went.
    pub async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer().await?;
        let outcome = work(&mut writer).await;
        self.note(outcome)
    }

    pub fn ids(&self) -> Ids {
        *self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_ids(&self, ids: Ids) {
        *self.ids.lock().unwrap_or_else(PoisonError::into_inner) = ids;
    }
}

/// Which trouble of the store an error shows; `None` when the request was at fault.
fn trouble_kind(error: &StoreError) -> Option<TroubleKind> {
    match error {
        StoreError::DiskFull => Some(TroubleKind::DiskFull),
        StoreError::Damaged(_) | StoreError::Database(_) => Some(TroubleKind::Failing),
        _ => None,
    }
}
