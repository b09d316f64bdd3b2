//! The handle that everybody holds.

use std::sync::Arc;

/// The database and what is kept of it in memory. Clones share both.
#[derive(Clone)]
pub struct Store {
    _inner: Arc<()>,
}

/// Stands in until the method behind it is written.
pub(crate) fn unfinished<T>() -> Result<T, crate::StoreError> {
    Err(crate::StoreError::Damaged("unfinished".into()))
}

impl Store {
    pub(crate) fn unfinished() -> Store {
        Store { _inner: Arc::new(()) }
    }
}
