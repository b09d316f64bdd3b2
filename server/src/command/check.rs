//! `brokerscope check`: says what is wrong with a configuration file, and where.

use std::path::Path;

use crate::config::{self, Config, Problem};

/// What to print, and whether the file is good.
pub fn check(path: &Path) -> (String, bool) {
    match config::file::load(path) {
        Ok(config) => (good(path, &config), true),
        Err(problems) => (bad(path, &problems), false),
    }
}

fn good(path: &Path, config: &Config) -> String {
    let (connections, rules) = (config.connections.len(), config.rules.len());
    format!("{}: good; {connections} connection(s), {rules} rule(s)", path.display())
}

/// Every problem as `file:line:column: key: detail`, which editors can jump to, with its remedy below.
pub fn bad(path: &Path, problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| match problem.line {
            0 => format!("{}: {problem}", path.display()),
            _ => format!("{}:{problem}", path.display()),
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_good_or_every_problem_is_printed_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.toml");
        std::fs::write(&path, "[store]\nkeep = \"10d\"\n").unwrap();
        assert_eq!(
            check(&path),
            (format!("{}: good; 0 connection(s), 0 rule(s)", path.display()), true)
        );
        std::fs::write(&path, "[store]\nkep = \"10d\"\n").unwrap();
        let told = format!(
            "{}:2:1: store.kep: is not a known key\n    Did you mean `keep`?",
            path.display()
        );
        assert_eq!(check(&path), (told, false));
        let (text, ok) = check(&folder.path().join("missing.toml"));
        assert!(!ok && text.contains("missing.toml: cannot be read"), "{text}");
    }
}
