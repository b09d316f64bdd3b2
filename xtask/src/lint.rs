//! `cargo xtask lint`: format and clippy, for the server's machine and for the browser.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::page::TARGET;
use crate::progress::step;
use crate::{files, native, page, process};

const PAGE: &str = "brokerscope-frontend";

/// `cargo xtask lint`.
pub fn command(words: &[&str]) -> Outcome {
    if !words.is_empty() {
        return Err(Failure::new("usage: cargo xtask lint"));
    }
    let root = files::root()?;
    let cargo = |words: &[&str]| -> Command {
        let mut command = process::cargo();
        command.current_dir(&root).args(words);
        command
    };
    step("format", || process::run(&mut cargo(&["fmt", "--all", "--check"])))?;
    native::ensure_compilers()?;
    step("clippy", || {
        let words = [
            "clippy",
            "--workspace",
            "--exclude",
            PAGE,
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        process::run(&mut cargo(&words))
    })?;
    page::ensure_target()?;
    step("clippy for the page", || {
        let mut command = cargo(&["clippy", "--package", PAGE, "--target", TARGET]);
        page::like_the_page(&mut command, page::Build::Dev);
        process::run(command.args(["--", "-D", "warnings"]))
    })
}
