//! The key that secrets are sealed with: a file in the data directory, or an environment variable.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// AES-256 takes 32 bytes.
pub const KEY_BYTES: usize = 32;

/// The file's name in the data directory.
const FILE: &str = "secret.key";

/// A key. Its bytes are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_BYTES]);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the secret key {0} is not 32 bytes in base64 or hexadecimal; make one with `openssl rand -hex 32`")]
    Malformed(String),
    #[error("{path} cannot be read or written: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} may be read by other users (mode {mode:o}); run `chmod 600 {path}`")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl Key {
    /// A key as people write it: 64 hexadecimal digits, or base64. `origin` names where it came from.
    pub fn parse(text: &str, origin: &str) -> Result<Key, KeyError> {
        let text = text.trim();
        let bytes = hex(text).or_else(|| base64(text));
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Key).ok_or_else(|| KeyError::Malformed(origin.to_string()))
    }

    /// The key of this data directory, made on first use.
    pub fn of_data_dir(data_dir: &Path) -> Result<Key, KeyError> {
        let path = data_dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                refuse_if_exposed(&path)?;
                Key::parse(&text, &format!("in {}", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = Key(random()?);
                key.write(&path).map_err(|source| KeyError::File { path, source })?;
                Ok(key)
            }
            Err(source) => Err(KeyError::File { path, source }),
        }
    }

    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Written beside its place and moved there, so that a crash never leaves half a key behind.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let unfinished = path.with_extension("key.new");
        // One that a crash left behind has protected nothing yet.
        let _ = std::fs::remove_file(&unfinished);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        file.write_all(format!("{digits}\n").as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        // The new name is durable only when the folder is.
        path.parent()
            .map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

fn refuse_if_exposed(path: &Path) -> Result<(), KeyError> {
    let metadata = std::fs::metadata(path).map_err(|source| KeyError::File {
        path: path.to_path_buf(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed {
            path: path.to_path_buf(),
            mode,
        });
    }
    Ok(())
}

fn random() -> Result<[u8; KEY_BYTES], KeyError> {
    let mut bytes = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
    Ok(bytes)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != KEY_BYTES * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// Both alphabets, padding optional. Small enough here not to need a crate.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(KEY_BYTES);
    let (mut bits, mut held) = (0u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_be_written_in_hexadecimal_or_base64_and_in_no_other_way() {
        let expected: Vec<u8> = (0..32).collect();
        for text in [
            "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        ] {
            assert_eq!(Key::parse(text, "here").unwrap().bytes().as_slice(), expected, "{text}");
        }
        for text in [
            "",
            "0001",
            "not a key!",
            &"g".repeat(64),
            &"A".repeat(44),
            &"0".repeat(66),
        ] {
            assert!(Key::parse(text, "here").is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let made = Key::of_data_dir(folder.path()).unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Key::of_data_dir(folder.path()).unwrap(), made);
        assert_ne!(Key::of_data_dir(tempfile::tempdir().unwrap().path()).unwrap(), made);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing unfinished is left"
        );
    }

    #[test]
    fn a_key_file_that_others_may_read_or_that_is_damaged_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Key::of_data_dir(folder.path()).unwrap();
        let path = folder.path().join(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Key::of_data_dir(folder.path()),
            Err(KeyError::Exposed { mode: 0o640, .. })
        ));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "half a k").unwrap();
        assert!(matches!(Key::of_data_dir(folder.path()), Err(KeyError::Malformed(_))));
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = Key::parse(&"ab".repeat(32), "here").unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
