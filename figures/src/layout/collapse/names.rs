//! Names cut at their separators, so that beginnings end where a person would end them.

use std::collections::BTreeMap;

use super::Leaf;

/// More boxes than these at once help nobody.
const MOST_PARTS: usize = 150;

/// Leaves whose names begin alike.
#[derive(Debug, Clone)]
pub(super) struct Tree<'a> {
    pub prefix: &'a str,
    /// Indices of leaves, in their order.
    pub members: Vec<usize>,
    names: Vec<&'a str>,
}

impl<'a> Tree<'a> {
    /// A whole family, with an empty prefix.
    pub fn of(leaves: &[Leaf<'a>], members: &[usize]) -> Tree<'a> {
        Tree {
            prefix: "",
            members: members.to_vec(),
            names: members.iter().map(|index| leaves[*index].name).collect(),
        }
    }

    /// The tree by its members' next piece of name that tells some of them apart; each a tree of one when none does.
    /// `None` when these are more than `most`.
    pub fn parts(&self, most: usize) -> Option<Vec<Tree<'a>>> {
        let mut from = self.prefix.len();
        loop {
            let parts = self.cut(|name| next_cut(name, from), most)?;
            match parts.len() {
                // Two of one name, which is possible across kinds: nothing tells them apart.
                1 if self.names.iter().all(|name| next_cut(name, from) == name.len()) => return Some(self.singles()),
                1 => from = self.names.iter().map(|name| next_cut(name, from)).min().unwrap_or(from),
                _ => return Some(parts),
            }
        }
    }

    /// The same for a person who opens the tree. Where the names fall apart into more pieces than can be looked at, they
    /// are told apart letter by letter.
    pub fn parts_to_look_at(&self) -> Vec<Tree<'a>> {
        if let Some(parts) = self.parts(MOST_PARTS) {
            return parts;
        }
        let mut from = self.prefix.len();
        loop {
            let parts = self.cut(|name| next_letter(name, from), usize::MAX).unwrap_or_default();
            match parts.as_slice() {
                [only] => from = only.prefix.len(),
                _ => return parts,
            }
        }
    }

    /// By the beginnings of the names up to where `end` says.
    fn cut(&self, end: impl Fn(&str) -> usize, most: usize) -> Option<Vec<Tree<'a>>> {
        let mut parts: BTreeMap<&str, Tree<'a>> = BTreeMap::new();
        for (member, name) in self.members.iter().zip(&self.names) {
            let prefix = &name[..end(name)];
            let part = parts.entry(prefix).or_insert_with(|| Tree {
                prefix,
                members: Vec::new(),
                names: Vec::new(),
            });
            part.members.push(*member);
            part.names.push(name);
            if parts.len() > most {
                return None;
            }
        }
        Some(parts.into_values().collect())
    }

    /// The longest beginning that all names share and that ends at a cut.
    pub fn common_beginning(&self) -> &'a str {
        let Some(first) = self.names.first() else {
            return self.prefix;
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
        &first[..end]
    }

    fn singles(&self) -> Vec<Tree<'a>> {
        let single = |(member, name): (&usize, &&'a str)| Tree {
            prefix: name,
            members: vec![*member],
            names: vec![name],
        };
        self.members.iter().zip(&self.names).map(single).collect()
    }
}

/// The end of the piece of name that begins at `from`: behind the next separator, or where letters and digits meet.
fn next_cut(name: &str, from: usize) -> usize {
    let mut before: Option<char> = None;
    for (at, letter) in name[from..].char_indices() {
        if let Some(before) = before
            && (is_separator(before) && !is_separator(letter) || before.is_ascii_digit() != letter.is_ascii_digit())
            && !is_separator(letter)
        {
            return from + at;
        }
        before = Some(letter);
    }
    name.len()
}

/// The end of the letter that begins at `from`; the end of the name when there is none.
fn next_letter(name: &str, from: usize) -> usize {
    name[from..]
        .chars()
        .next()
        .map_or(from, |letter| from + letter.len_utf8())
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
