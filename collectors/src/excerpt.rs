//! The beginning of a text from outside, short enough for a sentence.

const LONGEST: usize = 160;

/// At most 160 characters on one line, then an ellipsis.
pub fn shortened(text: &str) -> String {
    shortened_to(LONGEST, text)
}

/// At most so many characters on one line, then an ellipsis.
pub fn shortened_to(longest: usize, text: &str) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(longest) {
        line.truncate(at);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_long_ones_end_with_an_ellipsis() {
        assert_eq!(shortened(" a \n b "), "a b");
        assert_eq!(shortened(&"ü".repeat(500)), format!("{}…", "ü".repeat(LONGEST)));
        assert_eq!(shortened_to(3, "abc"), "abc");
        assert_eq!(shortened_to(3, "abcd"), "abc…");
    }
}
