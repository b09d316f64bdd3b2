//! The recipe of the container's image names every crate, or Cargo would refuse the workspace that it begins with.

use std::path::Path;

use super::Problem;
use crate::failure::Outcome;
use crate::files;

const RECIPE: &str = "Dockerfile";

/// `rooms` are the folders of the workspace's crates.
pub fn check(root: &Path, rooms: &[String]) -> Outcome<Vec<Problem>> {
    Ok(missing(rooms, &files::read_text(&root.join(RECIPE))?))
}

fn missing(rooms: &[String], recipe: &str) -> Vec<Problem> {
    let is_copied = |room: &String| {
        let wanted = format!("COPY {room}/Cargo.toml {room}/");
        recipe.lines().any(|line| line.trim() == wanted)
    };
    let forgotten = rooms.iter().filter(|room| !is_copied(room));
    forgotten
        .map(|room| Problem::new(RECIPE, 0, format!("the manifest of {room} is not copied")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_the_recipe_forgets_is_named() {
        let rooms = ["store", "server"].map(String::from);
        let found = missing(&rooms, "FROM rust\nCOPY store/Cargo.toml store/\n");
        assert_eq!(found, [Problem::new(RECIPE, 0, "the manifest of server is not copied")]);
        let whole = "COPY store/Cargo.toml store/\nCOPY server/Cargo.toml server/";
        assert_eq!(missing(&rooms, whole), []);
    }
}
