//! axe-core, the program that finds accessibility problems on a page, for the browser journeys.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Outcome;
use crate::progress::{note, step};
use crate::{files, process};

/// Pinned: a newer one may find more, and that is a change of its own.
const VERSION: &str = "4.14.1";

/// Where `axe.min.js` is, after fetching it once; `None`, and said, where npm is missing.
pub fn ensure(root: &Path) -> Outcome<Option<PathBuf>> {
    let folder = root.join(".browser").join(format!("axe-core-{VERSION}"));
    let script = folder.join("package/axe.min.js");
    if script.exists() {
        return Ok(Some(script));
    }
    if process::find("npm").is_none() {
        note("npm is missing: accessibility is not checked by axe-core");
        return Ok(None);
    }
    step("fetching axe-core", || {
        files::make_folder(&folder)?;
        let mut pack = Command::new("npm");
        process::stdout(
            pack.current_dir(&folder)
                .args(["pack", "--silent", &format!("axe-core@{VERSION}")]),
        )?;
        let mut unpack = Command::new("tar");
        process::run(
            unpack
                .current_dir(&folder)
                .args(["-xzf", &format!("axe-core-{VERSION}.tgz")]),
        )
    })?;
    Ok(Some(script))
}
