//! "Did you mean": the known word closest to a mistyped one.

/// The word in `known` that `given` was most likely meant to be, if any is close enough.
///
/// Close enough is one edit for short words and a third of the length for longer ones; a swap of two
/// neighbouring letters counts as one edit.
pub fn closest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let allowed = (given.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(&given, word), word))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// A remedy for an unknown word: the closest known one, or all of them.
pub fn remedy(given: &str, known: &[&str]) -> String {
    match closest(given, known.iter().copied()) {
        Some(word) => format!("Did you mean `{word}`?"),
        None if known.is_empty() => "Remove it.".to_string(),
        None => format!("Known here: {}.", known.join(", ")),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours needed to turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_its_neighbour_and_a_foreign_one_finds_none() {
        let known = ["username", "password", "port", "hosts"];
        for (given, expected) in [
            ("pasword", Some("password")),
            ("user_name", Some("username")),
            ("prot", Some("port")),
            ("Port", Some("port")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(given, known), expected, "{given:?}");
        }
    }

    #[test]
    fn a_remedy_lists_everything_when_nothing_is_close() {
        assert_eq!(remedy("hots", &["hosts"]), "Did you mean `hosts`?");
        assert_eq!(remedy("zebra", &["hosts", "port"]), "Known here: hosts, port.");
        assert_eq!(remedy("zebra", &[]), "Remove it.");
    }
}
