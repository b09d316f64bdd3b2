//! Reads the Prometheus text format, fast: what a broker with 10,000 queues or topics says is several megabytes.
//!
//! Nothing is copied but label values with escapes. A line that makes no sense is skipped, not fatal: one odd
//! metric must not hide the others.

use std::borrow::Cow;

/// One measured line: `name{labels} value`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    pub name: &'a str,
    pub labels: Labels<'a>,
    /// NaN and the infinities are values in this format.
    pub value: f64,
}

/// The text between the braces. Equal texts are equal label sets as far as one broker's answer goes, which makes
/// [`Labels::raw`] a cheap key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'a>(&'a str);

/// The measured lines of `text`; comments, empty lines and nonsense are left out.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.split('\n').filter_map(line)
}

fn line(text: &str) -> Option<Line<'_>> {
    if text.starts_with('#') {
        return None;
    }
    let name_end = text.bytes().position(|byte| byte == b'{' || byte == b' ')?;
    let (name, rest) = text.split_at(name_end);
    if name.is_empty() {
        return None;
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => {
            // Names may hold braces; behind the labels there are only numbers.
            let end = rest.rfind('}')?;
            (&rest[..end], &rest[end + 1..])
        }
        None => ("", rest),
    };
    // A timestamp may follow the value; the broker's own clock is of no use here.
    let value = rest.trim_start().split([' ', '\r']).next()?;
    Some(Line {
        name,
        labels: Labels(labels),
        value: number(value)?,
    })
}

/// Most values are short whole numbers, read here without the general parser.
fn number(text: &str) -> Option<f64> {
    let digits = text.as_bytes();
    if !digits.is_empty() && digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) {
        return Some(
            digits
                .iter()
                .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0')) as f64,
        );
    }
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok(),
    }
}

impl<'a> Labels<'a> {
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// The value of the label called `name`.
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.pairs().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and unescaped values, until the first thing that is neither.
    pub fn pairs(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (name, after) = rest.trim_start_matches([',', ' ']).split_once("=\"")?;
            let end = end_of_value(after)?;
            rest = &after[end + 1..];
            Some((name.trim_end(), unescaped(&after[..end])))
        })
    }
}

/// The place of the closing quote: the first one that no backslash escapes and behind which the labels go on or end.
///
/// The second condition is for RabbitMQ before 3.12, which writes quotes inside names as they are.
fn end_of_value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' if labels_go_on(&text[at + 1..]) => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn labels_go_on(rest: &str) -> bool {
    let Some(next) = rest.strip_prefix(',') else {
        return rest.is_empty();
    };
    let name_ends = next
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(next.len());
    next.is_empty() || next[name_ends..].starts_with("=\"")
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels<'a>(line: &Line<'a>) -> Vec<(&'a str, String)> {
        line.labels
            .pairs()
            .map(|(name, value)| (name, value.into_owned()))
            .collect()
    }

    #[test]
    fn a_line_is_a_name_labels_and_a_value() {
        for (text, name, expected, value) in [
            ("up 1", "up", vec![], 1.0),
            ("a{} 2.5", "a", vec![], 2.5),
            ("a{b=\"c\"} 1e3", "a", vec![("b", "c".to_string())], 1000.0),
            (
                "a{b=\"c\",d=\"e\"} 7 1795439164036",
                "a",
                vec![("b", "c".into()), ("d", "e".into())],
                7.0,
            ),
            ("a{b=\"c}d\"} 3\r", "a", vec![("b", "c}d".into())], 3.0),
            (
                r#"a{b="say \"hi\" \\ \n"} 4"#,
                "a",
                vec![("b", "say \"hi\" \\ \n".into())],
                4.0,
            ),
            ("a{b=\"=\\\",{\"} 5", "a", vec![("b", "=\",{".into())], 5.0),
            (
                "a{b=\"\u{1F407}\",} 123456789012345678",
                "a",
                vec![("b", "\u{1F407}".into())],
                123_456_789_012_345_680.0,
            ),
            ("a -Inf", "a", vec![], f64::NEG_INFINITY),
        ] {
            let line = lines(text).next().unwrap_or_else(|| panic!("{text} is a line"));
            assert_eq!(
                (line.name, labels(&line), line.value),
                (name, expected, value),
                "{text}"
            );
        }
        assert!(lines("a NaN").next().is_some_and(|line| line.value.is_nan()));
    }

    #[test]
    fn comments_and_nonsense_are_skipped_and_the_rest_is_read() {
        let text =
            "# TYPE a gauge\n\na 1\n<html>It works!</html>\na{b=\"c 2\na{b=\"c\"}\na{b=\"c\"} x\n{b=\"c\"} 1\nb 2";
        let read: Vec<_> = lines(text).map(|line| (line.name, line.value)).collect();
        assert_eq!(read, [("a", 1.0), ("b", 2.0)]);
    }

    #[test]
    fn a_label_is_found_by_its_whole_name() {
        let line = lines("m{queue_vhost=\"x\",vhost=\"shop\"} 1").next().unwrap();
        assert_eq!(line.labels.get("vhost").as_deref(), Some("shop"));
        assert_eq!(line.labels.get("queue"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,300}") {
            for line in lines(&text) {
                let _ = labels(&line);
            }
        }

        #[test]
        fn no_text_of_its_own_signs_makes_it_panic(text in r#"[a{}=,"\\ \n1#]{0,60}"#) {
            for line in lines(&text) {
                let _ = labels(&line);
            }
        }

        #[test]
        fn any_name_comes_back_as_it_was(name in ".{0,60}", value in any::<u32>()) {
            let written = name.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
            let text = format!("m{{vhost=\"/\",queue=\"{written}\"}} {value}\n");
            let line = lines(&text).next().expect("it is a line");
            let read = line.labels.get("queue").map(String::from);
            prop_assert_eq!(read, Some(name));
            prop_assert_eq!(line.value, f64::from(value));
        }
    }
}
