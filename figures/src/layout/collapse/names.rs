//! Names cut at their separators, so that beginnings end where a person would end them.

use std::collections::BTreeMap;

use super::Leaf;

/// Leaves whose names begin alike.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub prefix: String,
    /// Indices of leaves, in their order.
    pub members: Vec<usize>,
    names: Vec<String>,
}

impl Tree {
    /// A whole family, with an empty prefix.
    pub fn of(leaves: &[Leaf], members: &[usize]) -> Tree {
        Tree {
            prefix: String::new(),
            members: members.to_vec(),
            names: members.iter().map(|index| leaves[*index].name.clone()).collect(),
        }
    }

    /// The tree by its members' next piece of name that tells some of them apart; each a tree of one when none does.
    pub fn parts(&self) -> Vec<Tree> {
        let mut from = self.prefix.len();
        loop {
            let mut parts: BTreeMap<&str, Tree> = BTreeMap::new();
            for (member, name) in self.members.iter().zip(&self.names) {
                let prefix = &name[..next_cut(name, from)];
                let part = parts.entry(prefix).or_insert_with(|| Tree {
                    prefix: prefix.to_string(),
                    members: Vec::new(),
                    names: Vec::new(),
                });
                part.members.push(*member);
                part.names.push(name.clone());
            }
            match parts.len() {
                // Two of one name, which is possible across kinds: nothing tells them apart.
                1 if self.names.iter().all(|name| next_cut(name, from) == name.len()) => return self.singles(),
                1 => from = self.names.iter().map(|name| next_cut(name, from)).min().unwrap_or(from),
                _ => return parts.into_values().collect(),
            }
        }
    }

    /// The longest beginning that all names share and that ends at a cut.
    pub fn common_beginning(&self) -> String {
        let Some(first) = self.names.first() else {
            return self.prefix.clone();
        };
        let mut end = self.prefix.len();
        while end < first.len() {
            let next = next_cut(first, end);
            if !self
                .names
                .iter()
                .all(|name| name.starts_with(&first[..next]) && next_cut(name, end) == next)
            {
                break;
            }
            end = next;
        }
        first[..end].to_string()
    }

    fn singles(&self) -> Vec<Tree> {
        let single = |(member, name): (&usize, &String)| Tree {
            prefix: name.clone(),
            members: vec![*member],
            names: vec![name.clone()],
        };
        self.members.iter().zip(&self.names).map(single).collect()
    }
}

/// The end of the piece of name that begins at `from`: behind the next separator, or where letters and digits meet.
fn next_cut(name: &str, from: usize) -> usize {
    let mut before: Option<char> = None;
    for (at, letter) in name.char_indices().filter(|(at, _)| *at >= from) {
        if let Some(before) = before
            && (is_separator(before) && !is_separator(letter) || before.is_ascii_digit() != letter.is_ascii_digit())
            && !is_separator(letter)
        {
            return at;
        }
        before = Some(letter);
    }
    name.len()
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '.' | '-' | '_' | '/' | ':' | ' ' | '#' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_behind_separators_and_before_numbers() {
        let cuts = |name: &str| {
            let mut cuts = Vec::new();
            let mut at = 0;
            while at < name.len() {
                let end = next_cut(name, at);
                cuts.push(name[at..end].to_string());
                at = end;
            }
            cuts
        };
        assert_eq!(cuts("orders.eu-west.created"), ["orders.", "eu-", "west.", "created"]);
        assert_eq!(cuts("job0017"), ["job", "0017"]);
        assert_eq!(cuts("__consumer_offsets"), ["__", "consumer_", "offsets"]);
        assert_eq!(cuts("größe.ß"), ["größe.", "ß"]);
        assert_eq!(cuts("a..b"), ["a..", "b"]);
    }
}
