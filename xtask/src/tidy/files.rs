//! The project's text files, and the rules for any of them.

use std::path::Path;

use super::Problem;
use crate::failure::Outcome;
use crate::files;

/// Endings of files that people write.
const WRITTEN: [&str; 13] = [
    "rs", "toml", "md", "css", "js", "html", "sh", "yaml", "yml", "sql", "service", "json", "txt",
];

/// Folders that hold what was made, fetched or recorded. Those with a dot are skipped too.
const NOT_OURS: [&str; 4] = ["target", "testdata", "fonts", "proptest-regressions"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] = [
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "shared",
];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 3] = ["/work/", "/home/", "/Users/"];

/// A text file of the project.
pub struct Text {
    /// Relative to the project's folder.
    pub path: String,
    pub text: String,
}

impl Text {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Every text file, sorted by path.
pub fn texts(root: &Path) -> Outcome<Vec<Text>> {
    let mut texts = Vec::new();
    collect(root, root, &mut texts)?;
    Ok(texts)
}

fn collect(root: &Path, folder: &Path, texts: &mut Vec<Text>) -> Outcome {
    for path in files::list(folder)? {
        let name = files::name(&path);
        if path.is_dir() {
            if !name.starts_with('.') && !NOT_OURS.contains(&name) {
                collect(root, &path, texts)?;
            }
        } else if path
            .extension()
            .is_some_and(|end| WRITTEN.iter().any(|written| end == *written))
        {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            texts.push(Text {
                path: relative.display().to_string(),
                text: files::read_text(&path)?,
            });
        }
    }
    Ok(())
}

/// Checks names and contents of every file.
pub fn check(texts: &[Text]) -> Vec<Problem> {
    texts
        .iter()
        .flat_map(|file| empty_name(file).into_iter().chain(machine_paths(file)))
        .collect()
}

fn empty_name(file: &Text) -> Option<Problem> {
    let mut parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let name = parts.find(|part| EMPTY_NAMES.contains(part))?;
    Some(Problem::new(
        &file.path,
        0,
        format!("`{name}` says nothing: name it by its subject"),
    ))
}

fn machine_paths(file: &Text) -> Vec<Problem> {
    if file.path == "xtask/src/tidy/files.rs" {
        return Vec::new();
    }
    // A test may make one up.
    let text = file.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for start in MACHINE_PATHS.iter().filter(|start| begins_a_path(line, start)) {
            problems.push(Problem::new(
                &file.path,
                number + 1,
                format!("{start}... exists on one machine only"),
            ));
        }
    }
    problems
}

/// Whether the word stands where a path begins, not in the middle of an address.
fn begins_a_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "._-}/".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, text: &str) -> Text {
        Text {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        for (path, refused) in [
            ("server/src/utils.rs", true),
            ("server/src/common/mod.rs", true),
            ("server/src/commonly.rs", false),
            ("server/src/http/mod.rs", false),
        ] {
            assert_eq!(empty_name(&text(path, "")).is_some(), refused, "{path}");
        }
    }

    #[test]
    fn paths_of_one_machine_are_refused_and_addresses_are_not() {
        for (line, refused) in [
            ("let a = \"/work/main\";", true),
            ("see /home/ann/x", true),
            ("https://example.org/work/x", false),
            ("let a = \"/var/lib/brokerscope\";", false),
        ] {
            assert_eq!(machine_paths(&text("a.rs", line)).len(), usize::from(refused), "{line}");
        }
    }
}
