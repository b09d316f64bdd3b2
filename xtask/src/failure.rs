//! What a command of xtask fails with: one text that says what went wrong and what to do.

use std::fmt;
use std::path::Path;

/// A failed command, already written for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

/// What every command of xtask answers.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// An input/output error with the deed and the path it happened at.
    pub fn at(deed: &str, path: &Path, error: &std::io::Error) -> Self {
        Self(format!("cannot {deed} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
