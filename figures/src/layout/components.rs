//! Parts of the graph that no edge joins.

/// For `count` nodes, which of them belong together; parts and their members in order of the smallest index.
pub(super) fn components(count: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..count).collect();
    for (a, b) in edges {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        // The smaller index stays the root, so that the outcome does not depend on the order of the edges.
        parent[a.max(b)] = a.min(b);
    }
    let mut part_of = vec![usize::MAX; count];
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for node in 0..count {
        let root = root(&mut parent, node);
        if part_of[root] == usize::MAX {
            part_of[root] = parts.len();
            parts.push(Vec::new());
        }
        parts[part_of[root]].push(node);
    }
    parts
}

fn root(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_nodes_are_one_part_and_single_ones_their_own() {
        assert_eq!(components(5, [(3, 1), (4, 3)]), vec![vec![0], vec![1, 3, 4], vec![2]]);
        assert!(components(0, []).is_empty());
    }
}
