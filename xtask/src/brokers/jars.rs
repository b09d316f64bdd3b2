//! Java programs as folders of jars, fetched with Maven.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages, process};

/// The folder whose `lib` holds everything that `recipe`, a `pom.xml`, depends on.
///
/// The recipe itself is the stamp: another version or another exclusion fetches anew. A fetch that was broken off
/// leaves nothing that would be taken for complete.
pub fn ensure(program: &str, version: &str, recipe: &str, brokers: &Path) -> Outcome<PathBuf> {
    fetch(program, version, recipe, "dependency:copy-dependencies", brokers)
}

/// The same for a program that is published as an archive: `lib` holds what is in it.
pub fn ensure_unpacked(program: &str, version: &str, recipe: &str, brokers: &Path) -> Outcome<PathBuf> {
    fetch(program, version, recipe, "dependency:unpack-dependencies", brokers)
}

fn fetch(program: &str, version: &str, recipe: &str, goal: &str, brokers: &Path) -> Outcome<PathBuf> {
    let folder = brokers.join(format!("jars/{program}-{version}"));
    if std::fs::read_to_string(folder.join("stamp")).is_ok_and(|made_by| made_by == recipe) {
        return Ok(folder);
    }
    let maven = packages::ensure("mvn", "maven")?;
    let unfinished = brokers.join(format!("jars/{program}-{version}.unfinished"));
    files::remove_folder(&unfinished)?;
    files::write(&unfinished.join("pom.xml"), recipe.as_bytes())?;
    step(&format!("the jars of {program} {version}"), || {
        let mut command = Command::new(maven);
        command.current_dir(&unfinished).args(["-q", "-B", goal]);
        process::run(command.args(["-DincludeScope=runtime", "-DoutputDirectory=lib"]))
    })?;
    files::write(&unfinished.join("stamp"), recipe.as_bytes())?;
    files::remove_folder(&folder)?;
    std::fs::rename(&unfinished, &folder).map_err(|error| Failure::at("rename to", &folder, &error))?;
    Ok(folder)
}
