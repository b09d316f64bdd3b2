//! What a node's messages pass through: everything before it and everything after it.

use std::collections::{BTreeSet, HashMap};

/// The nodes on any way to and from one node. The node itself is in neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    pub upstream: BTreeSet<i64>,
    pub downstream: BTreeSet<i64>,
}

impl Reach {
    /// Whether the edge lies on a way through `center`.
    pub fn holds_edge(&self, center: i64, from: i64, to: i64) -> bool {
        let before = |id: i64| id == center || self.upstream.contains(&id);
        let after = |id: i64| id == center || self.downstream.contains(&id);
        (self.upstream.contains(&from) && before(to)) || (after(from) && self.downstream.contains(&to))
    }

    pub fn holds_node(&self, id: i64) -> bool {
        self.upstream.contains(&id) || self.downstream.contains(&id)
    }
}

pub fn reach(edges: impl IntoIterator<Item = (i64, i64)>, center: i64) -> Reach {
    let mut after: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut before: HashMap<i64, Vec<i64>> = HashMap::new();
    for (from, to) in edges {
        after.entry(from).or_default().push(to);
        before.entry(to).or_default().push(from);
    }
    Reach {
        upstream: all_from(&before, center),
        downstream: all_from(&after, center),
    }
}

fn all_from(next: &HashMap<i64, Vec<i64>>, center: i64) -> BTreeSet<i64> {
    let mut found = BTreeSet::new();
    let mut open = vec![center];
    while let Some(id) = open.pop() {
        for &end in next.get(&id).into_iter().flatten() {
            if end != center && found.insert(end) {
                open.push(end);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [(i64, i64); 5] = [(1, 2), (2, 3), (2, 4), (5, 4), (3, 2)];

    #[test]
    fn before_and_after_are_told_apart() {
        let reach = reach(EDGES, 4);
        assert_eq!(reach.upstream, BTreeSet::from([1, 2, 3, 5]));
        assert!(reach.downstream.is_empty());
        assert!(reach.holds_edge(4, 2, 4) && reach.holds_edge(4, 3, 2));
    }

    #[test]
    fn a_sister_branch_is_not_on_the_way() {
        let reach = reach(EDGES, 3);
        assert!(reach.holds_edge(3, 1, 2) && reach.holds_node(2));
        assert!(!reach.holds_edge(3, 5, 4));
    }

    #[test]
    fn a_cycle_ends() {
        let reach = reach([(1, 2), (2, 1)], 1);
        assert_eq!(reach.downstream, BTreeSet::from([2]));
        assert_eq!(reach.upstream, BTreeSet::from([2]));
    }
}
