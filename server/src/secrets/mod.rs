//! Secrets at rest: the key, and sealing with it.

mod key;
mod vault;

pub use key::{Key, KeyError};
pub use vault::{Vault, VaultError};
