//! Layers: which column each node stands in.

use super::cycles::Arc;

/// The column of every node, the leftmost being 0. Every edge that does not run backwards leads at least one
/// column to the right.
pub(super) fn layers(count: usize, arcs: &[Arc], backwards: &[bool]) -> Vec<usize> {
    let mut left: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut right: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (arc, backwards) in arcs.iter().zip(backwards) {
        if !backwards {
            left[arc.to].push(arc.from);
            right[arc.from].push(arc.to);
        }
    }
    let order = from_left(&left, &right);
    let mut layer = vec![0; count];
    for &node in &order {
        layer[node] = left[node].iter().map(|from| layer[*from] + 1).max().unwrap_or(0);
    }
    // What has more readers than writers moves up to its readers: shorter edges, and a publisher stands beside what
    // it publishes to rather than at the far left.
    for &node in order.iter().rev() {
        if right[node].len() > left[node].len()
            && let Some(nearest) = right[node].iter().map(|to| layer[*to]).min()
        {
            layer[node] = nearest - 1;
        }
    }
    let first = layer.iter().copied().min().unwrap_or(0);
    layer.iter().map(|layer| layer - first).collect()
}

/// The nodes so that every edge leads from an earlier to a later one.
fn from_left(left: &[Vec<usize>], right: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = left.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..left.len()).filter(|node| missing[*node] == 0).collect();
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for &to in &right[node] {
            missing[to] -= 1;
            if missing[to] == 0 {
                order.push(to);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::Course;
    use super::*;

    fn arcs(pairs: &[(usize, usize)]) -> Vec<Arc> {
        let course = Course::Flow;
        pairs.iter().map(|&(from, to)| Arc { from, to, course }).collect()
    }

    #[test]
    fn the_longest_way_decides_the_column() {
        assert_eq!(
            layers(4, &arcs(&[(0, 1), (1, 2), (2, 3), (0, 3)]), &[false; 4]),
            [0, 1, 2, 3]
        );
    }

    #[test]
    fn a_publisher_stands_beside_what_it_publishes_to() {
        // 0 -> 1 -> 2 -> 3 and 4 -> 2
        assert_eq!(
            layers(5, &arcs(&[(0, 1), (1, 2), (2, 3), (4, 2)]), &[false; 4]),
            [0, 1, 2, 3, 1]
        );
    }

    #[test]
    fn an_edge_that_runs_backwards_decides_nothing() {
        assert_eq!(layers(2, &arcs(&[(0, 1), (1, 0)]), &[false, true]), [0, 1]);
    }
}
