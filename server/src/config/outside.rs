//! Values that a file only points at: environment variables and other files.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

/// Where the values come from that the file points at.
pub struct Outside<'o> {
    /// Relative paths in the file start here: the file's own folder.
    pub folder: PathBuf,
    pub env: &'o dyn Fn(&str) -> Option<String>,
    pub read: &'o dyn Fn(&Path) -> std::io::Result<String>,
}

/// Why a pointed-at value could not be had.
#[derive(Debug, PartialEq, Eq)]
pub struct Unresolved {
    pub detail: String,
    pub remedy: String,
}

impl Outside<'_> {
    /// The value behind `{ env = "NAME" }` or `{ file = "PATH" }`. One line end at the end of a file is dropped.
    pub fn resolve(&self, table: &DeTable<'_>) -> Result<String, Unresolved> {
        let mut entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), value.get_ref().as_str()));
        match (entries.next(), entries.next()) {
            (Some(("env", Some(name))), None) => (self.env)(name).ok_or_else(|| Unresolved {
                detail: format!("the environment variable {name} is not set"),
                remedy: format!("Set {name} before Brokerscope starts, or use {{ file = \"PATH\" }}."),
            }),
            (Some(("file", Some(path))), None) => {
                let path = self.folder.join(path);
                let text = (self.read)(&path).map_err(|error| Unresolved {
                    detail: format!("{} cannot be read: {error}", path.display()),
                    remedy: "Check the path and that the user Brokerscope runs as may read it.".to_string(),
                })?;
                Ok(without_line_end(text))
            }
            _ => Err(Unresolved {
                detail: "points nowhere".to_string(),
                remedy: "Write the value in quotes, or { env = \"NAME\" }, or { file = \"PATH\" }.".to_string(),
            }),
        }
    }
}

impl fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}
