//! What is wrong with a configuration file, and where.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// One thing that is wrong, with its place and its cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1. 0 when the file could not be read at all.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The key, with the tables it is in: `connection.orders.port`.
    pub key: String,
    pub detail: String,
    pub remedy: String,
}

/// Writes `line:column: key: detail` and the remedy below it; the caller puts the file's name in front.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.detail)?;
        if !self.remedy.is_empty() {
            write!(f, "\n    {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Collects every problem of one file, so that a person hears of all of them at once.
#[derive(Debug)]
pub struct Notes<'a> {
    text: &'a str,
    found: RefCell<Vec<Problem>>,
}

impl<'a> Notes<'a> {
    pub fn on(text: &'a str) -> Notes<'a> {
        Notes {
            text,
            found: RefCell::default(),
        }
    }

    /// Notes a problem with what stands at `span`, in bytes.
    pub fn note(&self, span: &Range<usize>, key: String, detail: impl Into<String>, remedy: impl Into<String>) {
        let (line, column) = position(self.text, span.start);
        self.found.borrow_mut().push(Problem {
            line,
            column,
            key,
            detail: detail.into(),
            remedy: remedy.into(),
        });
    }

    /// Every problem, from the top of the file to its end.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.found.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

/// Line and column, both from 1, of the byte at `offset`.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
