//! The recipe of the container's image names every crate, and gets to see it, or Cargo would refuse the workspace.

use std::path::Path;

use super::Problem;
use crate::failure::Outcome;
use crate::files;

const RECIPE: &str = "Dockerfile";
/// Ignores everything but what it names.
const IGNORED: &str = ".dockerignore";

/// `rooms` are the folders of the workspace's crates.
pub fn check(root: &Path, rooms: &[String]) -> Outcome<Vec<Problem>> {
    let (recipe, ignored) = (
        files::read_text(&root.join(RECIPE))?,
        files::read_text(&root.join(IGNORED))?,
    );
    Ok(missing(rooms, &recipe, &ignored))
}

fn missing(rooms: &[String], recipe: &str, ignored: &str) -> Vec<Problem> {
    let has = |text: &str, wanted: String| text.lines().any(|line| line.trim() == wanted);
    let mut problems = Vec::new();
    for room in rooms {
        if !has(recipe, format!("COPY {room}/Cargo.toml {room}/")) {
            problems.push(Problem::new(RECIPE, 0, format!("the manifest of {room} is not copied")));
        }
        if !has(ignored, format!("!{room}")) {
            problems.push(Problem::new(IGNORED, 0, format!("{room} is hidden from the image")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_the_recipe_forgets_is_named() {
        let rooms = ["store", "server"].map(String::from);
        let found = missing(&rooms, "FROM rust\nCOPY store/Cargo.toml store/\n", "*\n!server");
        let expected = [
            Problem::new(IGNORED, 0, "store is hidden from the image"),
            Problem::new(RECIPE, 0, "the manifest of server is not copied"),
        ];
        assert_eq!(found, expected);
        let whole = "COPY store/Cargo.toml store/\nCOPY server/Cargo.toml server/";
        assert_eq!(missing(&rooms, whole, "*\n!store\n!server"), []);
    }
}
