//! `cargo xtask deny`: licences, duplicate crates and sources, checked without a network.
//!
//! Reads `deny.toml` in cargo-deny's format and does the part of its work that
//! needs nothing but this machine; advisories are left to cargo-deny itself.

mod bans;
mod graph;
mod licences;
mod settings;

use crate::failure::{Failure, Outcome};
use crate::files;
use settings::Settings;

/// `cargo xtask deny`.
pub fn command(words: &[&str]) -> Outcome {
    if !words.is_empty() {
        return Err(Failure::new("usage: cargo xtask deny"));
    }
    let root = files::root()?;
    let settings = Settings::parse(&files::read_text(&root.join("deny.toml"))?)?;
    let crates = graph::crates(&root, &settings.graph.targets)?;
    let mut problems = licences::check(&crates, &settings.licenses)?;
    problems.extend(bans::check(&crates, &settings.bans));
    let lock = files::read_text(&root.join("Cargo.lock"))?;
    problems.extend(graph::foreign_sources(&lock, &settings.sources.allow_registry)?);
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("deny: {} crates, licences and versions as deny.toml says", crates.len());
            Ok(())
        }
        n => Err(Failure::new(format!(
            "{n} crates or entries of deny.toml are not as they should be"
        ))),
    }
}
