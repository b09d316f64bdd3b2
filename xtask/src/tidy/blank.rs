//! Rust text with the inside of comments and literals made blank, so that rules see code only.

/// The same text, same lines and columns, with spaces for what is no code.
/// Quotes stay; a lifetime is code.
pub fn without_words(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut blank = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let end = match (c, chars.get(at + 1)) {
            ('/', Some('/')) => line_end(&chars, at),
            ('/', Some('*')) => comment_end(&chars, at),
            ('"', _) => string_end(&chars, at),
            ('r', Some('"' | '#')) if starts_word(&chars, at) => raw_end(&chars, at),
            ('\'', _) => char_end(&chars, at),
            _ => None,
        };
        match end {
            Some(end) => {
                let quote = |i: usize| (i == at || i + 1 == end) && chars[i] == '"';
                blank.extend((at..end).map(|i| if chars[i] == '\n' || quote(i) { chars[i] } else { ' ' }));
                at = end;
            }
            None => {
                blank.push(c);
                at += 1;
            }
        }
    }
    blank
}

/// Whether a word begins here, so that the r of `for"` is not a raw string's.
fn starts_word(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| chars.get(before));
    before.is_none_or(|c| !(c.is_alphanumeric() || *c == '_') || *c == 'b')
}

fn line_end(chars: &[char], at: usize) -> Option<usize> {
    let rest = chars.get(at..)?;
    Some(at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()))
}

/// Block comments nest.
fn comment_end(chars: &[char], mut at: usize) -> Option<usize> {
    let mut depth = 0;
    while at < chars.len() {
        match chars.get(at..at + 2) {
            Some(['/', '*']) => (depth, at) = (depth + 1, at + 2),
            Some(['*', '/']) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    Some(at.min(chars.len()))
}

fn string_end(chars: &[char], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    Some(chars.len())
}

/// `r"..."` and `r#"..."#`; `None` for a raw identifier such as `r#type`.
fn raw_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars.get(start + 1..)?.iter().take_while(|c| **c == '#').count();
    let mut at = start + 1 + hashes;
    if chars.get(at) != Some(&'"') {
        return None;
    }
    loop {
        at += 1;
        match chars.get(at) {
            None => return Some(chars.len()),
            Some('"')
                if chars
                    .get(at + 1..at + 1 + hashes)
                    .is_some_and(|tail| tail.iter().all(|c| *c == '#')) =>
            {
                return Some(at + 1 + hashes);
            }
            Some(_) => {}
        }
    }
}

/// `'a'` and `'\n'`; `None` for a lifetime.
fn char_end(chars: &[char], at: usize) -> Option<usize> {
    match (chars.get(at + 1)?, chars.get(at + 2)?) {
        ('\\', _) => {
            let rest = chars.get(at + 3..)?;
            Some(at + 3 + rest.iter().position(|c| *c == '\'')? + 1)
        }
        (_, '\'') => Some(at + 3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank_and_code_stays() {
        for (text, expected) in [
            ("a // unsafe\nb", "a          \nb"),
            ("a /* /* y */ */ b", "a               b"),
            ("f(\"un\\\"safe\")", "f(\"        \")"),
            ("let s = r#\"a \" b\"#;", "let s =           ;"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("c == '\"' && d", "c ==     && d"),
            ("c == '\\'' && d", "c ==      && d"),
            ("r#type + 1", "r#type + 1"),
        ] {
            assert_eq!(without_words(text), expected, "{text}");
            assert_eq!(without_words(text).lines().count(), text.lines().count());
        }
    }
}
