//! Reading and writing files with errors that name the file.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// The project's folder: the parent of this crate's.
pub fn root() -> Outcome<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Failure::new("start this through cargo: `cargo xtask ...`"))?;
    match manifest.parent() {
        Some(root) => Ok(root.to_path_buf()),
        None => Err(Failure::new("the xtask crate has no parent folder")),
    }
}

/// The whole file as text.
pub fn read_text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::at("read", path, &error))
}

/// The whole file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| Failure::at("read", path, &error))
}

/// Writes the whole file, making its folder when that is missing.
pub fn write(path: &Path, bytes: &[u8]) -> Outcome {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, bytes).map_err(|error| Failure::at("write", path, &error))
}

/// Writes a program text and lets everybody run it.
pub fn write_script(path: &Path, text: &str) -> Outcome {
    write(path, text.as_bytes())?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(|error| Failure::at("make executable", path, &error))
}

/// Writes a random word that only its owner may read.
pub fn write_secret(path: &Path) -> Outcome {
    let mut bytes = [0_u8; 20];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(|error| Failure::at("read", Path::new("/dev/urandom"), &error))?;
    let word: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write(path, word.as_bytes())?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|error| Failure::at("protect", path, &error))
}

/// Holds a file's lock while the answer lives: two runs at once would write over each other.
pub fn take_turn(path: &Path, who: &str) -> Outcome<File> {
    write(path, b"")?;
    let file = File::open(path).map_err(|error| Failure::at("open", path, &error))?;
    if file.try_lock().is_err() {
        println!("waiting for another `{who}` to finish");
        file.lock().map_err(|error| Failure::at("lock", path, &error))?;
    }
    Ok(file)
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path) -> Outcome {
    fs::create_dir_all(path).map_err(|error| Failure::at("create the folder", path, &error))
}

/// Removes a folder with all it holds; a missing one is fine.
pub fn remove_folder(path: &Path) -> Outcome {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::at("remove", path, &error)),
        _ => Ok(()),
    }
}

/// The entries of a folder, sorted by name.
pub fn list(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| Failure::at("list", folder, &error))?;
    for entry in entries {
        paths.push(entry.map_err(|error| Failure::at("list", folder, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The last part of a path as text; empty for a path that has none.
pub fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
