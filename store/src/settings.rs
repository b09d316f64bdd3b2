//! Small settings of the server itself, bytes by key.

use crate::store::unfinished;
use crate::{Store, StoreError};

impl Store {
    pub async fn setting(&self, _key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        unfinished()
    }

    pub async fn set_setting(&self, _key: &str, _value: &[u8]) -> Result<(), StoreError> {
        unfinished()
    }

    pub async fn delete_setting(&self, _key: &str) -> Result<(), StoreError> {
        unfinished()
    }
}
