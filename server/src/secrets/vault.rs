//! Sealing and opening: AES-256-GCM, bound to the purpose that a secret serves.
//!
//! A sealed blob is one byte of format version, four bytes that tell which key sealed it, twelve bytes of nonce,
//! and the ciphertext with its tag. The purpose is authenticated, so a blob moved to another connection does not open.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};

use super::key::Key;

const VERSION: u8 = 1;
const MARK_BYTES: usize = 4;
const HEADER_BYTES: usize = 1 + MARK_BYTES + NONCE_LEN;

/// Seals and opens secrets with one key. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    key: Arc<RandomizedNonceKey>,
    /// The first bytes of the key's SHA-256: tells "another key" from "damaged" without giving the key away.
    mark: [u8; MARK_BYTES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("was sealed with another secret key than the present one")]
    OtherKey,
    #[error("is damaged")]
    Damaged,
    #[error("was sealed by a newer version of Brokerscope")]
    Newer,
    #[error("cannot be sealed")]
    Sealing,
}

impl Vault {
    pub fn new(key: &Key) -> Result<Vault, VaultError> {
        let hash = digest(&SHA256, key.bytes());
        let mut mark = [0; MARK_BYTES];
        mark.copy_from_slice(&hash.as_ref()[..MARK_BYTES]);
        let key = RandomizedNonceKey::new(&AES_256_GCM, key.bytes()).map_err(|_| VaultError::Sealing)?;
        Ok(Vault {
            key: Arc::new(key),
            mark,
        })
    }

    /// Encrypts `plain` for `purpose`, which must be given again to open it.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut body = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| VaultError::Sealing)?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.mark);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// The plain bytes of what [`Vault::seal`] made for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (header, body) = sealed.split_at_checked(HEADER_BYTES).ok_or(VaultError::Damaged)?;
        if header[0] != VERSION {
            return Err(VaultError::Newer);
        }
        if header[1..=MARK_BYTES] != self.mark {
            return Err(VaultError::OtherKey);
        }
        let nonce = Nonce::try_assume_unique_for_key(&header[1 + MARK_BYTES..]).map_err(|_| VaultError::Damaged)?;
        let mut body = body.to_vec();
        self.key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body)
            .map(|plain| plain.to_vec())
            .map_err(|_| VaultError::Damaged)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(digit: &str) -> Vault {
        Vault::new(&Key::parse(&digit.repeat(64), "here").unwrap()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_purpose_only() {
        let vault = vault("a");
        let sealed = vault.seal("connection:orders", b"hunter2").unwrap();
        assert_eq!(vault.open("connection:orders", &sealed), Ok(b"hunter2".to_vec()));
        assert_eq!(vault.open("connection:payments", &sealed), Err(VaultError::Damaged));
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_ne!(
            vault.seal("connection:orders", b"hunter2").unwrap(),
            sealed,
            "a nonce is used once"
        );
    }

    #[test]
    fn another_key_a_flipped_bit_and_a_cut_end_are_told_apart() {
        let ours = vault("a");
        let sealed = ours.seal("p", b"secret").unwrap();
        assert_eq!(vault("b").open("p", &sealed), Err(VaultError::OtherKey));
        for at in HEADER_BYTES - 1..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(ours.open("p", &flipped), Err(VaultError::Damaged), "byte {at}");
        }
        for length in [0, 3, HEADER_BYTES, sealed.len() - 1] {
            assert_eq!(
                ours.open("p", &sealed[..length]),
                Err(VaultError::Damaged),
                "{length} bytes"
            );
        }
        let mut newer = sealed;
        newer[0] = 2;
        assert_eq!(ours.open("p", &newer), Err(VaultError::Newer));
    }
}
