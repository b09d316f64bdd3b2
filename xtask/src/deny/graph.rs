//! The crates that a build really uses, as Cargo resolves them for the targets we run on.

use std::collections::BTreeSet;
use std::path::Path;

use semver::Version;
use serde::Deserialize;

use crate::failure::{Failure, Outcome};
use crate::process;

/// A crate in one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: Version,
    /// The licence expression of its manifest; empty when it has none.
    pub licence: String,
}

/// Every crate of the workspace's builds and tests.
///
/// `cargo tree` and not `cargo metadata`: the latter also lists crates behind features nobody asked for.
pub fn crates(root: &Path, targets: &[String]) -> Outcome<BTreeSet<Crate>> {
    let mut command = process::cargo();
    command
        .current_dir(root)
        .args(["tree", "--workspace", "--offline", "--locked", "--prefix", "none"]);
    command.args(["--edges", "normal,build,dev", "--format", "{p}|{l}"]);
    for target in targets {
        command.args(["--target", target]);
    }
    process::stdout(&mut command)?
        .lines()
        .filter(|line| !line.is_empty())
        .map(parse_line)
        .collect()
}

/// `name v1.2.3 (proc-macro)|MIT OR Apache-2.0 (*)`, where the parts in brackets may be absent.
fn parse_line(line: &str) -> Outcome<Crate> {
    let strange = || Failure::new(format!("cargo tree printed a line of another shape: {line}"));
    let (package, licence) = line.split_once('|').ok_or_else(strange)?;
    let mut words = package.split_whitespace();
    let name = words.next().ok_or_else(strange)?;
    let version = words
        .next()
        .and_then(|word| word.strip_prefix('v'))
        .ok_or_else(strange)?;
    Ok(Crate {
        name: name.to_owned(),
        version: Version::parse(version).map_err(|_| strange())?,
        licence: licence.trim_end_matches("(*)").trim().to_owned(),
    })
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    /// None for crates of the workspace.
    source: Option<String>,
}

/// Crates of the lock file that come from somewhere else than an allowed registry.
pub fn foreign_sources(lock: &str, allowed: &[String]) -> Outcome<Vec<String>> {
    let lock: Lock = toml::from_str(lock).map_err(|error| Failure::new(format!("Cargo.lock: {error}")))?;
    let is_allowed = |source: &str| {
        source
            .strip_prefix("registry+")
            .is_some_and(|address| allowed.iter().any(|allowed| allowed == address))
    };
    let foreign = lock.package.iter().filter_map(|package| {
        let source = package.source.as_deref().filter(|source| !is_allowed(source))?;
        Some(format!(
            "{}: comes from {source}, which deny.toml does not allow",
            package.name
        ))
    });
    Ok(foreign.collect())
}

#[cfg(test)]
impl Crate {
    pub fn new(name: &str, version: &str, licence: &str) -> Self {
        Self {
            name: name.into(),
            version: Version::parse(version).unwrap(),
            licence: licence.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_tree_are_read() {
        for (line, name, licence) in [
            ("serde v1.0.2|MIT OR Apache-2.0", "serde", "MIT OR Apache-2.0"),
            ("syn v1.0.2 (proc-macro)|MIT (*)", "syn", "MIT"),
            ("server v1.0.2 (/somewhere)|", "server", ""),
        ] {
            assert_eq!(parse_line(line).unwrap(), Crate::new(name, "1.0.2", licence));
        }
        assert!(parse_line("serde|MIT").is_err());
    }

    #[test]
    fn only_allowed_registries_may_be_locked() {
        let lock = "[[package]]\nname = \"ours\"\n\
                    [[package]]\nname = \"a\"\nsource = \"registry+https://one\"\n\
                    [[package]]\nname = \"b\"\nsource = \"git+https://two\"\n";
        let foreign = foreign_sources(lock, &["https://one".to_owned()]).unwrap();
        assert_eq!(foreign.len(), 1);
        assert!(foreign[0].starts_with("b: "), "{foreign:?}");
    }
}
