//! axe-core, the program that finds accessibility problems on a page, for the browser journeys.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Outcome;
use crate::progress::step;
use crate::{files, packages, process};

/// Pinned: a newer one may find more, and that is a change of its own.
const VERSION: &str = "4.14.1";

/// Where `axe.min.js` is, after fetching it once.
pub fn ensure(root: &Path) -> Outcome<PathBuf> {
    let folder = root.join(".browser").join(format!("axe-core-{VERSION}"));
    let script = folder.join("package/axe.min.js");
    if script.exists() {
        return Ok(script);
    }
    packages::ensure("npm", "npm")?;
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
    Ok(script)
}
