//! The manner of a single Rust file: how it opens, how long it is, and words it never uses.

use super::Problem;
use super::source::Source;

/// From here on a file should be split at the next occasion, and from there on at once.
const LONG: usize = 300;
const TOO_LONG: usize = 400;

/// "`word` stands only in `places`, because ...".
struct Only {
    words: &'static [&'static str],
    places: &'static [&'static str],
    because: &'static str,
}

const ONLYS: &[Only] = &[
    Only {
        words: &["println!", "eprintln!", "print!", "eprint!"],
        places: &[
            "xtask",
            "benchmarks",
            "tests",
            "server/src/cli",
            "server/src/command",
            "server/src/main",
            // A build script speaks to Cargo by printing.
            "server/build",
            "store/build",
        ],
        because: "a server says things in its log",
    },
    Only {
        words: &["cfg(feature", "cfg(not(feature", "cfg(any(feature", "cfg(all(feature"],
        places: &["collectors/src/lib", "server/src/demo/mod", "xtask/src/tidy"],
        because: "a broker is switched on and off in one place, the registry in collectors/src/lib.rs, and the demo in another",
    },
    Only {
        words: &["unsafe "],
        places: &[],
        because: "nothing here needs what the compiler cannot check",
    },
    Only {
        words: &["SystemTime::now("],
        places: &[
            "server/src/clock",
            "embedded-broker/src/clock",
            "embedded-broker/tests",
            "xtask",
            "benchmarks",
            "tests",
        ],
        because: "only the clock knows the time; everybody else is handed it",
    },
];

/// Checks the opening, the length, the reasons of exceptions, and the words.
pub fn check(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !opens_with_a_sentence(source.text) {
        problems.push(Problem::new(
            source.path,
            1,
            "opens with one plain sentence on what it is for: `//! ...`",
        ));
    }
    let length = length(source);
    if length > TOO_LONG && !source.is_test() {
        problems.push(Problem::new(
            source.path,
            0,
            format!("{length} lines without its tests, over {TOO_LONG}: split it"),
        ));
    }
    problems.extend(exceptions_without_reason(source));
    if !source.is_test() {
        problems.extend(misplaced_words(source));
    }
    problems
}

/// A file that is long already, for a note.
pub fn long(source: &Source) -> Option<String> {
    let length = length(source);
    let noted = length > LONG && length <= TOO_LONG && !source.is_test();
    noted.then(|| format!("{} has {length} lines without its tests", source.path))
}

fn opens_with_a_sentence(text: &str) -> bool {
    text.strip_prefix("//! ")
        .is_some_and(|rest| rest.chars().next().is_some_and(|c| !c.is_whitespace()))
}

fn length(source: &Source) -> usize {
    source.code.lines().count()
}

fn exceptions_without_reason(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for opening in ["[allow(", "[expect("] {
        for (at, _) in source.code.match_indices(opening) {
            let attribute = source.code[at..].split(']').next().unwrap_or_default();
            if !attribute.contains("reason") {
                let line = source.code[..at].matches('\n').count() + 1;
                problems.push(Problem::new(
                    source.path,
                    line,
                    "an exception from a lint says its reason",
                ));
            }
        }
    }
    problems
}

fn misplaced_words(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for only in ONLYS
        .iter()
        .filter(|only| !only.places.iter().any(|place| source.is_in(place)))
    {
        for (line, code) in source.lines() {
            for word in only.words.iter().filter(|word| stands_in(code, word)) {
                problems.push(Problem::new(
                    source.path,
                    line,
                    format!("`{}`: {}", word.trim(), only.because),
                ));
            }
        }
    }
    problems
}

/// Whether the word stands in the line, and not as the end of a longer one.
fn stands_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::files::Text;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let file = Text {
            path: path.into(),
            text: text.into(),
        };
        check(&Source::new(&file))
            .into_iter()
            .map(|problem| problem.text)
            .collect()
    }

    #[test]
    fn a_file_opens_with_a_sentence() {
        for (text, fine) in [
            ("//! What it is for.", true),
            ("//!", false),
            ("use a;", false),
            ("//! ", false),
        ] {
            assert_eq!(problems("a/src/lib.rs", text).is_empty(), fine, "{text}");
        }
    }

    #[test]
    fn words_are_refused_outside_their_places() {
        for (path, code, fine) in [
            ("store/src/a.rs", "println!(\"x\");", false),
            ("xtask/src/a.rs", "println!(\"x\");", true),
            ("server/src/live/a.rs", "tracing::info!(\"println!\");", true),
            ("store/src/a.rs", "unsafe { f() }", false),
            ("store/src/a.rs", "#[deny(unsafe_code)]", true),
            ("judge/src/a.rs", "let now = SystemTime::now();", false),
        ] {
            let text = format!("//! A file.\n{code}\n");
            assert_eq!(problems(path, &text).is_empty(), fine, "{path}: {code}");
        }
    }

    #[test]
    fn an_exception_says_its_reason() {
        let with = "//! A file.\n#[allow(\n    dead_code,\n    reason = \"b] later\"\n)]\n";
        let without = "//! A file.\n#![allow(dead_code)]\n";
        assert!(problems("a/src/a.rs", with).is_empty());
        assert_eq!(problems("a/src/a.rs", without).len(), 1);
    }

    #[test]
    fn tests_do_not_count_as_length() {
        let code = "//! A file.\n".to_owned() + &"fn f() {}\n".repeat(399);
        let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"\n".repeat(50) + "}\n";
        assert!(problems("a/src/a.rs", &format!("{code}{tests}")).is_empty());
        assert_eq!(problems("a/src/a.rs", &format!("{code}fn g() {{}}\n")).len(), 1);
        assert!(problems("a/src/a_tests.rs", &format!("{code}fn g() {{}}\n")).is_empty());
    }
}
