//! `cargo xtask run [--release] [-- ARGUMENTS]`: builds page and server and starts Brokerscope.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::native::Profile;
use crate::{files, native, page, progress};

/// `cargo xtask run`; what follows `--` goes to `brokerscope serve`.
pub fn command(words: &[&str]) -> Outcome {
    let (own, passed) = match words.iter().position(|word| *word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[][..]),
    };
    let (look, profile) = match own {
        [] => (page::Build::Dev, Profile::Dev),
        ["--release"] => (page::Build::Release, Profile::Release),
        _ => {
            return Err(Failure::new(
                "usage: cargo xtask run [--release] [-- ARGUMENTS OF brokerscope serve]",
            ));
        }
    };
    let root = files::root()?;
    page::build(look)?;
    let program = native::build(&root, profile)?;
    if !passed.contains(&"--listen") {
        progress::note("starting Brokerscope on http://127.0.0.1:7070; Ctrl-C stops it");
    }
    // Replaces this program, so that signals reach the server and its exit code is ours.
    let error = Command::new(&program).arg("serve").args(passed).exec();
    Err(Failure::at("start", &program, &error))
}
