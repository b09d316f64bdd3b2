//! Programs that other commands need: found on the `PATH`, or installed from the system's packages.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::progress::step;

/// Where `program` is, after installing the Debian package that has it when it is missing.
pub fn ensure(program: &str, package: &str) -> Outcome<PathBuf> {
    if let Some(found) = process::find(program) {
        return Ok(found);
    }
    install(program, package)?;
    process::find(program)
        .ok_or_else(|| Failure::new(format!("the package {package} is installed and brought no `{program}`")))
}

fn install(program: &str, package: &str) -> Outcome {
    let by_hand = format!("`{program}` is missing: install it (Debian: apt-get install {package})");
    if process::find("apt-get").is_none() {
        return Err(Failure::new(format!("{by_hand}; there is no apt-get here to do it")));
    }
    if !process::is_root() {
        return Err(Failure::new(format!("{by_hand}; only root can do that")));
    }
    step(&format!("installing {package}"), || {
        let quiet = ["-qq", "-o", "Dpkg::Use-Pty=0"];
        let mut update = Command::new("apt-get");
        process::run(update.args(quiet).arg("update"))?;
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive");
        process::run(
            install
                .args(quiet)
                .args(["install", "-y", "--no-install-recommends", package]),
        )
    })
}
