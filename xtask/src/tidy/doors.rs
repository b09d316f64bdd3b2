//! Doors between crates: which may depend on which, read from Cargo itself.

use std::path::Path;

use serde::Deserialize;

use super::Problem;
use crate::failure::{Failure, Outcome};
use crate::process;

/// A crate by its folder, and the folders it may depend on. What is absent is never.
const DOORS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("figures", &[]),
    ("judge", &["contract", "figures"]),
    ("pictures", &["contract", "figures"]),
    ("collectors", &["contract", "figures"]),
    ("store", &["contract"]),
    ("demo", &["contract", "embedded-broker"]),
    (
        "server",
        &[
            "contract",
            "figures",
            "judge",
            "pictures",
            "collectors",
            "store",
            "demo",
        ],
    ),
    ("frontend", &["contract", "figures"]),
    ("tests", &["server", "contract"]),
    ("xtask", &["contract"]),
    (
        "benchmarks",
        &[
            "contract",
            "figures",
            "collectors",
            "store",
            "server",
            "embedded-broker",
            "tests",
        ],
    ),
    ("embedded-broker", &[]),
];

/// Outside crates that belong to one room.
const OWNED: &[(&str, &[&str], &str)] = &[
    ("sqlx", &["store"], "only the store knows which database there is"),
    (
        "rdkafka",
        &["collectors", "demo", "tests", "benchmarks"],
        "only collectors and the demo's services speak to brokers",
    ),
    (
        "lapin",
        &["collectors", "tests", "benchmarks"],
        "only collectors speak to brokers",
    ),
    (
        "axum",
        &["server", "tests", "benchmarks"],
        "only the server answers requests",
    ),
    ("leptos", &["frontend"], "only the page draws"),
    ("plotters", &["pictures"], "only pictures are drawn on the server"),
    (
        "tokio",
        &[
            "collectors",
            "store",
            "server",
            "demo",
            "tests",
            "benchmarks",
            "embedded-broker",
        ],
        "what decides does no input or output",
    ),
];

/// The crates of the workspace, as Cargo knows them.
#[derive(Deserialize)]
pub struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Only crates of this workspace have one.
    path: Option<String>,
    /// `dev` or `build`; none for an ordinary dependency.
    kind: Option<String>,
}

impl Workspace {
    pub fn read(root: &Path) -> Outcome<Workspace> {
        let mut command = process::cargo();
        command
            .current_dir(root)
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
        serde_json::from_str(&process::stdout(&mut command)?)
            .map_err(|error| Failure::new(format!("cargo metadata: {error}")))
    }

    /// The folders of its crates.
    pub fn rooms(&self, root: &Path) -> Vec<String> {
        self.packages.iter().map(|package| package.room(root)).collect()
    }
}

impl Package {
    fn room(&self, root: &Path) -> String {
        let manifest = relative(root, &self.manifest_path);
        manifest.trim_end_matches("/Cargo.toml").to_owned()
    }
}

/// Checks every edge between crates against the tables.
pub fn check(root: &Path, workspace: &Workspace) -> Vec<Problem> {
    let packages = workspace.packages.iter();
    packages.flat_map(|package| check_package(root, package)).collect()
}

fn check_package(root: &Path, package: &Package) -> Vec<Problem> {
    let manifest = relative(root, &package.manifest_path);
    let room = package.room(root);
    let problem = |text: String| Problem::new(&manifest, 0, text);
    let Some((_, doors)) = DOORS.iter().find(|(name, _)| *name == room) else {
        return vec![problem(format!(
            "`{room}` is in no table: say in xtask/src/tidy/doors.rs what it may use"
        ))];
    };
    let mut problems = Vec::new();
    for dependency in &package.dependencies {
        if let Some(path) = &dependency.path {
            let other = relative(root, path);
            if !doors.contains(&other.as_str()) {
                problems.push(problem(format!("{room} uses {other}: there is no such door")));
            }
        }
        // Tests of a room may use what its code may not.
        let owned = OWNED.iter().filter(|_| dependency.kind.as_deref() != Some("dev"));
        for (name, owners, because) in owned {
            if dependency.name == *name && !owners.contains(&room.as_str()) {
                problems.push(problem(format!("{room} uses {name}: {because}")));
            }
        }
    }
    problems
}

fn relative(root: &Path, path: &str) -> String {
    let path = Path::new(path);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(room: &str, dependencies: &[(&str, Option<&str>)]) -> usize {
        let dependencies = dependencies.iter().map(|(name, path)| Dependency {
            name: (*name).to_owned(),
            path: path.map(|path| format!("/p/{path}")),
            kind: None,
        });
        let package = Package {
            manifest_path: format!("/p/{room}/Cargo.toml"),
            dependencies: dependencies.collect(),
        };
        check_package(Path::new("/p"), &package).len()
    }

    #[test]
    fn an_edge_that_is_no_door_is_found() {
        assert_eq!(
            problems("store", &[("brokerscope-contract", Some("contract")), ("sqlx", None)]),
            0
        );
        assert_eq!(problems("store", &[("brokerscope-collectors", Some("collectors"))]), 1);
        assert_eq!(problems("server", &[("sqlx", None)]), 1);
        assert_eq!(problems("attic", &[]), 1);
    }
}
