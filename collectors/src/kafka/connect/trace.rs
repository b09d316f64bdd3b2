//! What a stack trace says in one line, without what it may give away.

use crate::excerpt::shortened;

/// Words after which a value is a secret, in lower case.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "key",
];

/// What happened, without where in the code: the first line, and the last cause, which mostly says more.
pub fn first_line(trace: &str) -> Option<String> {
    let first = trace.lines().map(str::trim).find(|line| !line.is_empty())?;
    let cause = trace
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("Caused by: "));
    let told = |line| shortened(&masked(line));
    Some(match cause {
        Some(cause) if cause != first => format!("{}, caused by {}", told(first), told(cause)),
        _ => told(first),
    })
}

/// Addresses in errors may hold logins, as a part of their own or as a parameter.
fn masked(line: &str) -> String {
    let words = line.split_inclusive([' ', '\t', '&', ';', ',', '?']);
    words.map(|word| without_parameter(&without_login(word))).collect()
}

/// `jdbc:postgresql://me:secret@db/shop` without what stands before the `@`.
fn without_login(word: &str) -> String {
    match word.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://...@{host}"),
            None => word.to_string(),
        },
        None => word.to_string(),
    }
}

/// `password=secret` without the value.
fn without_parameter(word: &str) -> String {
    let Some((name, value)) = word.split_once('=') else {
        return word.to_string();
    };
    let name_of = name.rsplit(['.', '_', '-', '"', '\'', '{', '(']).next().unwrap_or(name);
    if !SECRETS.contains(&name_of.to_ascii_lowercase().as_str()) {
        return word.to_string();
    }
    let end = value.trim_start_matches(|letter: char| !" \t&;,?)}".contains(letter));
    format!("{name}=...{end}")
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn a_trace_is_its_first_line_and_its_last_cause() {
        let trace = "a.ConnectException: Tolerance exceeded\n\tat a.B(B.java:1)\nCaused by: b.DataException: conversion\n\t... \
                     14 more\nCaused by: c.ParseException: token\n\tat c.D\n";
        let expected = "a.ConnectException: Tolerance exceeded, caused by c.ParseException: token";
        assert_eq!(first_line(trace).as_deref(), Some(expected));
        assert_eq!(first_line("\n a.B: only\n\tat x").as_deref(), Some("a.B: only"));
        assert_eq!(first_line(" \n"), None);
    }

    #[test]
    fn a_login_inside_an_error_is_not_repeated() {
        for (line, expected) in [
            (
                "cannot connect to jdbc:x://me:hunter2@db:1/shop now",
                "cannot connect to jdbc:x://...@db:1/shop now",
            ),
            (
                "jdbc:x://db/shop?user=me&password=hunter2&ssl=true",
                "jdbc:x://db/shop?user=me&password=...&ssl=true",
            ),
            (
                "connection.password=hunter2, retries=3",
                "connection.password=..., retries=3",
            ),
            ("{api_key=hunter2}", "{api_key=...}"),
            ("key.converter=Json", "key.converter=Json"),
        ] {
            assert_eq!(first_line(line).as_deref(), Some(expected));
        }
    }
}
