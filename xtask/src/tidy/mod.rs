//! `cargo xtask tidy`: the house rules that no compiler checks, stated as "never".

mod blank;
mod brokers;
mod doors;
mod files;
mod image;
mod manner;
mod paths;
mod rooms;
mod source;

use std::path::Path;

use crate::failure::{Failure, Outcome};

/// What breaks a rule, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Relative to the project's folder.
    pub path: String,
    /// Counted from 1; 0 is the file as a whole.
    pub line: usize,
    pub text: String,
}

impl Problem {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            text: text.into(),
        }
    }
}

/// `cargo xtask tidy`.
pub fn command(words: &[&str]) -> Outcome {
    if !words.is_empty() {
        return Err(Failure::new("usage: cargo xtask tidy"));
    }
    check(&crate::files::root()?)
}

/// Checks every rule and prints every problem.
fn check(root: &Path) -> Outcome {
    let texts = files::texts(root)?;
    let sources: Vec<_> = texts
        .iter()
        .filter(|file| file.is_rust())
        .map(source::Source::new)
        .collect();
    let workspace = doors::Workspace::read(root)?;
    let mut problems = doors::check(root, &workspace);
    problems.extend(files::check(&texts));
    problems.extend(image::check(root, &workspace.rooms(root))?);
    problems.extend(brokers::check(&sources));
    for source in &sources {
        problems.extend(manner::check(source));
        problems.extend(rooms::check(source));
    }
    problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for Problem { path, line, text } in &problems {
        match line {
            0 => println!("{path}: {text}"),
            line => println!("{path}:{line}: {text}"),
        }
    }
    for source in &sources {
        if let Some(note) = manner::long(source) {
            println!("note: {note}");
        }
    }
    match problems.len() {
        0 => {
            println!("tidy: {} files, nothing out of place", texts.len());
            Ok(())
        }
        n => Err(Failure::new(format!("{n} things are out of place"))),
    }
}
