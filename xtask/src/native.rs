//! The server's own program: what compiling it needs, and building it.

use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::progress::step;
use crate::{packages, process};

/// What librdkafka and OpenSSL are compiled with, by program and Debian package.
const NEEDED: [(&str, &str); 3] = [("c++", "g++"), ("make", "make"), ("perl", "perl")];

/// How the server is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

/// Installs what compiling the server needs and is missing.
pub fn ensure_compilers() -> Outcome {
    NEEDED
        .iter()
        .try_for_each(|(program, package)| packages::ensure(program, package).map(|_| ()))
}

/// Builds the server and returns its program.
pub fn build(root: &Path, profile: Profile) -> Outcome<PathBuf> {
    ensure_compilers()?;
    step(
        "compiling the server (the first time takes minutes: librdkafka and OpenSSL)",
        || {
            let mut command = process::cargo();
            command
                .current_dir(root)
                .args(["build", "--package", "brokerscope", "--bin", "brokerscope"]);
            if profile == Profile::Release {
                command.arg("--release");
            }
            process::run(&mut command)
        },
    )?;
    Ok(program(root, profile))
}

/// Where Cargo puts the server's program.
fn program(root: &Path, profile: Profile) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    target.join(folder).join("brokerscope")
}
