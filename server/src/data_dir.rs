//! The data directory: where it is, that it can be written, and that only one process uses it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The locked data directory. The lock ends with this value, and with the process at the latest.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error("the data folder {path} cannot be used: {source}; choose another with --data-dir")]
    Unusable { path: PathBuf, source: std::io::Error },
    #[error("the data folder {path} is in use by another Brokerscope; stop that one or choose another with --data-dir")]
    InUse { path: PathBuf },
}

impl DataDir {
    /// Makes the folder for its owner only, unless it is there, and locks it.
    pub fn open(path: &Path) -> Result<DataDir, DataDirError> {
        let unusable = |source| DataDirError::Unusable {
            path: path.to_path_buf(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(unusable)?;
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::InUse {
                    path: path.to_path_buf(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        // The number is for people who wonder who holds the lock; nothing reads it.
        let written = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
        if let Err(error) = written {
            tracing::warn!(%error, "the process id could not be written to the lock file");
        }
        Ok(DataDir {
            path: path.to_path_buf(),
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("brokerscope.db")
    }
}

/// Where data goes when nobody says: the user's data folder, or the working directory where there is none.
pub fn default_path(env: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    // The XDG rules: a relative path in the variable is to be ignored.
    let absolute = |name: &str| env(name).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("brokerscope-data"), |data| data.join("brokerscope"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_follows_the_user() {
        for (xdg, home, expected) in [
            (Some("/data"), Some("/home/ann"), "/data/brokerscope"),
            (None, Some("/home/ann"), "/home/ann/.local/share/brokerscope"),
            (
                Some("relative"),
                Some("/home/ann"),
                "/home/ann/.local/share/brokerscope",
            ),
            (None, None, "brokerscope-data"),
        ] {
            let env = |name: &str| if name == "HOME" { home } else { xdg }.map(PathBuf::from);
            assert_eq!(default_path(env), Path::new(expected));
        }
    }

    #[test]
    fn a_second_process_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/data");
        let first = DataDir::open(&path).unwrap();
        assert!(matches!(DataDir::open(&path), Err(DataDirError::InUse { .. })));
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = DataDir::open(&file.join("data")).unwrap_err();
        assert!(error.to_string().contains("file/data"), "{error}");
    }
}
