//! A connection's secrets as one sealed blob.

use crate::secrets::{Vault, VaultError};
use crate::settings::Secrets;

/// The blob for these secrets, `None` when there are none. It opens only for the connection of this name.
pub fn seal(vault: &Vault, name: &str, secrets: &Secrets) -> Result<Option<Vec<u8>>, VaultError> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain = serde_json::to_vec(secrets).map_err(|_| VaultError::Sealing)?;
    vault.seal(&purpose(name), &plain).map(Some)
}

/// The secrets in the blob.
pub fn open(vault: &Vault, name: &str, sealed: Option<&[u8]>) -> Result<Secrets, VaultError> {
    let Some(sealed) = sealed else {
        return Ok(Secrets::new());
    };
    let plain = vault.open(&purpose(name), sealed)?;
    serde_json::from_slice(&plain).map_err(|_| VaultError::Damaged)
}

/// The name and not the id, because the id is known only after the blob has been stored.
fn purpose(name: &str) -> String {
    format!("connection:{name}")
}
