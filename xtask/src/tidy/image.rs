//! The recipe of the container's image names every crate, or Cargo would refuse the workspace that it begins with.

use std::path::Path;

use super::Problem;
use crate::failure::Outcome;
use crate::files;

const RECIPE: &str = "Dockerfile";

pub fn check(root: &Path) -> Outcome<Vec<Problem>> {
    let workspace = files::read_text(&root.join("Cargo.toml"))?;
    let recipe = files::read_text(&root.join(RECIPE))?;
    Ok(missing(&workspace, &recipe))
}

fn missing(workspace: &str, recipe: &str) -> Vec<Problem> {
    let copies = |crate_: &str| {
        let wanted = format!("COPY {crate_}/Cargo.toml {crate_}/");
        recipe.lines().any(|line| line.trim() == wanted)
    };
    members(workspace)
        .filter(|crate_| !copies(crate_))
        .map(|crate_| Problem::new(RECIPE, 0, format!("the manifest of {crate_} is not copied")))
        .collect()
}

/// The folders of the workspace's crates.
fn members(workspace: &str) -> impl Iterator<Item = &str> {
    let list = workspace
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'));
    let list = list.map_or("", |(list, _)| list);
    list.split(',')
        .map(|name| name.trim().trim_matches('"'))
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_the_recipe_forgets_is_named() {
        let workspace = "[workspace]\nmembers = [\"store\", \"server\"]\n";
        let recipe = "FROM rust\nCOPY store/Cargo.toml store/\n";
        let found = missing(workspace, recipe);
        assert_eq!(found, [Problem::new(RECIPE, 0, "the manifest of server is not copied")]);
        assert_eq!(
            missing(
                workspace,
                "COPY store/Cargo.toml store/\nCOPY server/Cargo.toml server/"
            ),
            []
        );
    }
}
