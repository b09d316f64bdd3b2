//! `cargo xtask page`: from the frontend crate and `assets/` to the files in `target/site`.
//!
//! The folder is flat. Every file but `index.html` carries a hash of its content
//! in its name, so the server lets browsers keep it for ever, and text files have
//! a `.br` and a `.gz` beside them, so that the server never compresses.

mod bind;
mod compile;
mod compress;
mod site;
mod split;
mod style;

use std::hash::{DefaultHasher, Hasher};
use std::path::PathBuf;

pub use compile::{TARGET, ensure_target, like_the_page};

use crate::failure::{Failure, Outcome};
use crate::files;
use crate::progress::step;

/// How the page is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Quick to build, large to load.
    Dev,
    /// Slow to build, small to load.
    Release,
}

/// `cargo xtask page [--dev | --release]`.
pub fn command(words: &[&str]) -> Outcome {
    match words {
        [] | ["--dev"] => build(Build::Dev),
        ["--release"] => build(Build::Release),
        _ => Err(Failure::new("usage: cargo xtask page [--dev | --release]")),
    }
}

/// Builds the page into `target/site`.
pub fn build(build: Build) -> Outcome {
    let root = files::root()?;
    let _turn = files::take_turn(&root.join("target/page/turn"), "cargo xtask page")?;
    ensure_target()?;
    let wasm = step("compiling the page to WebAssembly", || compile::compile(&root, build))?;
    let bound = step("binding it to JavaScript", || {
        bind::bind(&wasm, &root.join("target/page/bound"), build)
    })?;
    step("writing target/site", || site::write(&root, &bound, build))
}

/// The folder the server embeds.
pub fn site_folder(root: &std::path::Path) -> PathBuf {
    root.join("target/site")
}

/// What tells one content from another in names and stamps; nothing that has to stand up to forgery.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
