//! Too many nodes to look at, gathered into groups by the beginnings of their names.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use names::Tree;

/// A node as far as gathering is concerned. There may be tens of thousands, so nothing is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    pub id: i64,
    /// Only nodes of the same family are gathered: same connection, kind and namespace.
    pub family: &'a str,
    pub name: &'a str,
    /// The larger, the worse.
    pub severity: u8,
    /// Never gathered: in focus, selected or found.
    pub pinned: bool,
}

/// Nodes shown as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Negative, so that it is never a node's; the same as long as family and prefix are.
    pub id: i64,
    pub family: String,
    /// The beginning of the names that makes the group; empty for a whole family.
    pub prefix: String,
    /// What the names of its present members have in common, at least the prefix.
    pub label: String,
    /// Places among the leaves.
    pub members: Vec<usize>,
    pub worst: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collapsed {
    pub groups: Vec<Group>,
    /// What stands for each leaf, in their order: itself or its group.
    pub shown_as: Vec<i64>,
}

impl Collapsed {
    /// How many boxes are left.
    pub fn shown(&self) -> usize {
        self.shown_as.iter().collect::<BTreeSet<_>>().len()
    }
}

/// The smallest number of nodes worth a group.
const SMALLEST_GROUP: usize = 3;

/// Gathers `leaves` so that about `limit` boxes are left. Groups in `open` are shown as what they hold, even beyond
/// the limit. With at most `limit` leaves nothing is gathered.
pub fn collapse(leaves: &[Leaf<'_>], limit: usize, open: &BTreeSet<i64>) -> Collapsed {
    let mut families: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| !leaf.pinned) {
        families.entry(leaf.family).or_default().push(index);
    }
    let mut trees: Vec<(&str, Tree<'_>)> = Vec::new();
    if leaves.len() > limit {
        for (family, members) in families {
            trees.push((family, Tree::of(leaves, &members)));
        }
    }
    let mut groups = Vec::new();
    for (family, tree) in opened(trees, limit, leaves, open) {
        groups.push(group(family, &tree, leaves));
    }
    groups.sort_by(|a, b| (&a.family, &a.prefix).cmp(&(&b.family, &b.prefix)));
    let mut shown_as: Vec<i64> = leaves.iter().map(|leaf| leaf.id).collect();
    for group in &groups {
        for member in &group.members {
            shown_as[*member] = group.id;
        }
    }
    Collapsed { groups, shown_as }
}

/// Opens the largest groups first for as long as the boxes stay within the limit; what remains closed.
fn opened<'a>(
    trees: Vec<(&'a str, Tree<'a>)>,
    limit: usize,
    leaves: &[Leaf<'_>],
    open: &BTreeSet<i64>,
) -> Vec<(&'a str, Tree<'a>)> {
    let gathered: usize = trees.iter().map(|(_, tree)| tree.members.len()).sum();
    let mut shown = leaves.len() - gathered + trees.iter().map(|(_, tree)| boxes(tree)).sum::<usize>();
    let mut waiting = trees;
    let mut closed = Vec::new();
    loop {
        // The largest; among equals the first in order of family and name, so that the outcome is always the same.
        waiting.sort_by(|a, b| {
            let order = a.1.members.len().cmp(&b.1.members.len());
            order.then_with(|| (b.0, b.1.prefix).cmp(&(a.0, a.1.prefix)))
        });
        let Some((family, tree)) = waiting.pop() else {
            return closed;
        };
        if tree.members.len() < SMALLEST_GROUP {
            continue;
        }
        if open.contains(&group_id(family, tree.prefix)) {
            // What was asked for does not use up the others' share.
            waiting.extend(tree.parts_to_look_at().into_iter().map(|part| (family, part)));
            continue;
        }
        // Each part takes a box at least, so more of them need not be looked for.
        let parts = tree.parts((limit + 1).saturating_sub(shown));
        let more = |parts: &[Tree<'_>]| parts.iter().map(boxes).sum::<usize>() - 1;
        match parts.filter(|parts| shown + more(parts) <= limit) {
            Some(parts) => {
                shown += more(&parts);
                waiting.extend(parts.into_iter().map(|part| (family, part)));
            }
            None => closed.push((family, tree)),
        }
    }
}

/// How many boxes a closed tree takes.
fn boxes(tree: &Tree<'_>) -> usize {
    if tree.members.len() < SMALLEST_GROUP {
        tree.members.len()
    } else {
        1
    }
}

fn group(family: &str, tree: &Tree<'_>, leaves: &[Leaf<'_>]) -> Group {
    Group {
        id: group_id(family, tree.prefix),
        family: family.to_string(),
        prefix: tree.prefix.to_string(),
        label: tree.common_beginning().to_string(),
        members: tree.members.clone(),
        worst: tree
            .members
            .iter()
            .map(|index| leaves[*index].severity)
            .max()
            .unwrap_or(0),
    }
}

/// FNV-1a over family and prefix, made negative; of 52 bits, which every reader of JSON takes as they are.
fn group_id(family: &str, prefix: &str) -> i64 {
    let bytes = family.bytes().chain([0]).chain(prefix.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    -1 - (hash >> 12) as i64
}

#[cfg(test)]
mod tests;
