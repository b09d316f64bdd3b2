//! Answers as lines of text, without what no two brokers have in common, and in what two of them differ.

use std::fmt::Debug;

/// Fields whose values are a broker's own. That they are there, and how many, is still compared.
const OWN: [&str; 9] = [
    "cluster_id",
    "error_message",
    "host",
    "leader",
    "member_id",
    "port",
    "producer_id",
    "session_id",
    "topic_id",
];

/// One field per line, with the names of the fields around it.
pub fn lines<T: Debug>(answer: &T, ignored: &[&str]) -> Vec<String> {
    let pretty = format!("{answer:#?}");
    let (mut around, mut lines) = (Vec::<String>::new(), Vec::new());
    for line in pretty.lines() {
        let line = line.trim().trim_end_matches(',');
        let (name, value) = line
            .split_once(": ")
            .filter(|(name, _)| is_name(name))
            .unwrap_or(("", line));
        let opens = value.ends_with(['(', '{', '[']);
        if opens {
            around.push(name.to_owned());
        } else if matches!(line, ")" | "}" | "]") {
            around.pop();
            continue;
        }
        // A value that is wrapped, as in Some(..), has no name of its own.
        let path: Vec<&str> = around
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        let field = if opens || name.is_empty() {
            path.last().copied()
        } else {
            Some(name)
        };
        let is_ignored = |name: &&str| ignored.contains(name);
        if value.ends_with('(') || field.is_some_and(|field| is_ignored(&field)) || path.iter().any(is_ignored) {
            continue;
        }
        let is_own = field.is_some_and(|field| OWN.contains(&field)) && value != "None" && !opens;
        let whole = [&path[..], &[name]].concat().join(".");
        lines.push(format!(
            "{}: {}",
            whole.trim_end_matches('.'),
            if is_own { "(its own)" } else { value }
        ));
    }
    lines
}

fn is_name(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// What one has and the other has not.
pub fn differences(ours: &[String], theirs: &[String]) -> Vec<String> {
    if ours.len() == theirs.len() {
        let pairs = ours.iter().zip(theirs).filter(|(ours, theirs)| ours != theirs);
        return pairs.map(|(ours, theirs)| format!("{ours} | real: {theirs}")).collect();
    }
    let only = |these: &[String], those: &[String], whose: &str| {
        let mut those = those.to_vec();
        let mut only = Vec::new();
        for one in these {
            match those.iter().position(|other| other == one) {
                Some(at) => drop(those.remove(at)),
                None => only.push(format!("{whose}: {one}")),
            }
        }
        only
    };
    [only(ours, theirs, "only ours"), only(theirs, ours, "only real")].concat()
}
