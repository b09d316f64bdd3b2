//! A Rust file as the rules look at it.

use super::blank::without_words;
use super::files::Text;

/// A Rust file: its text, and its code without comments, literals and inline tests.
pub struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
    pub code: String,
}

impl<'a> Source<'a> {
    pub fn new(file: &'a Text) -> Self {
        let mut code = without_words(&file.text);
        // Inline tests are the last thing in a file, everywhere in this project.
        if let Some(tests) = code.find("#[cfg(test)]\nmod tests {") {
            code.truncate(tests);
        }
        Self {
            path: &file.path,
            text: &file.text,
            code,
        }
    }

    /// Whether the whole file is tests.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("_tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
    }

    /// Whether the file is, or lies in, this place of the project.
    pub fn is_in(&self, place: &str) -> bool {
        self.path
            .strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
    }

    /// Numbered lines of code, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_file_and_no_mere_beginning() {
        let file = Text {
            path: "server/src/http/error.rs".into(),
            text: String::new(),
        };
        let source = Source::new(&file);
        for (place, inside) in [
            ("server/src/http", true),
            ("server/src/http/error", true),
            ("server/src/ht", false),
            ("server", true),
        ] {
            assert_eq!(source.is_in(place), inside, "{place}");
        }
    }
}
