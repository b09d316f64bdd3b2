//! The paths that Rust code names: `use` trees spelled out, and paths in the middle of code.

/// Every path with the line it stands on, counted from 1. Expects code without comments and literals.
pub fn in_code(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        if c.is_alphabetic() || c == '_' {
            let word_end = rest.find(|c: char| !is_path_char(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(word_end);
            if word == "use" {
                let tree_end = after.find(';').unwrap_or(after.len());
                let (tree, after_tree) = after.split_at(tree_end);
                spell_out("", tree, &mut |path| found.push((line, path)));
                line += tree.matches('\n').count();
                rest = after_tree;
                continue;
            }
            if word.contains("::") {
                found.push((line, word.trim_end_matches(':').to_owned()));
            }
            rest = after;
            continue;
        }
        line += usize::from(c == '\n');
        rest = &rest[c.len_utf8()..];
    }
    found
}

/// Whether the path is this one or goes through it.
pub fn goes_through(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_path_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// `a::{b, c::{d, e as f}}` becomes `a::b`, `a::c::d`, `a::c::e`.
fn spell_out(before: &str, tree: &str, found: &mut impl FnMut(String)) {
    let tree = tree.trim();
    if let Some((start, inside)) = tree.split_once('{') {
        let before = format!("{before}{}", start.trim());
        let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
        for part in split_at_top(inside) {
            spell_out(&before, part, found);
        }
        return;
    }
    let path = tree.split_whitespace().next().unwrap_or_default();
    if path == "self" {
        found(before.trim_end_matches(':').to_owned());
    } else if !path.is_empty() {
        found(format!("{before}{path}"));
    }
}

/// Splits at the commas that stand in no inner braces.
fn split_at_top(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(code: &str) -> Vec<String> {
        in_code(code).into_iter().map(|(_, path)| path).collect()
    }

    #[test]
    fn use_trees_are_spelled_out() {
        assert_eq!(
            paths("use crate::{app, live::{self, Live, rows::Rows as R}};"),
            [
                "crate::app",
                "crate::live",
                "crate::live::Live",
                "crate::live::rows::Rows"
            ]
        );
        assert_eq!(paths("pub use a::b::*;"), ["a::b::*"]);
    }

    #[test]
    fn paths_in_the_middle_of_code_count_with_their_line() {
        let code = "use std::fs;\nfn f() {\n    crate::app::run(&x::Y)\n}\n";
        let expected = [(1, "std::fs".into()), (3, "crate::app::run".into()), (3, "x::Y".into())];
        assert_eq!(in_code(code), expected);
    }

    #[test]
    fn a_longer_name_is_another_place() {
        assert!(goes_through("crate::app::run", "crate::app"));
        assert!(goes_through("crate::app", "crate::app"));
        assert!(!goes_through("crate::apple", "crate::app"));
    }
}
