//! How often the lines between two columns cross.

/// Crossings among lines given by the positions of their ends, `(left, right)`. O(n log n): pairs that are out of
/// order, counted with a Fenwick tree.
pub(super) fn crossings(lines: &mut [(usize, usize)]) -> usize {
    lines.sort_unstable();
    let size = lines.iter().map(|line| line.1 + 1).max().unwrap_or(0);
    let mut tree = vec![0_usize; size + 1];
    let mut crossings = 0;
    for (seen, &(_, right)) in lines.iter().enumerate() {
        // Lines before this one that end at or above it do not cross it.
        let mut above = 0;
        let mut index = right + 1;
        while index > 0 {
            above += tree[index];
            index &= index - 1;
        }
        crossings += seen - above;
        let mut index = right + 1;
        while index <= size {
            tree[index] += 1;
            index += index & index.wrapping_neg();
        }
    }
    crossings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cross_when_their_ends_are_in_opposite_order() {
        assert_eq!(crossings(&mut [(0, 1), (1, 0)]), 1);
        assert_eq!(crossings(&mut [(0, 0), (1, 1)]), 0);
        assert_eq!(crossings(&mut [(0, 2), (1, 1), (2, 0)]), 3);
        assert_eq!(crossings(&mut []), 0);
    }

    #[test]
    fn lines_that_share_an_end_do_not_cross() {
        assert_eq!(crossings(&mut [(0, 0), (0, 5), (1, 5), (1, 9)]), 0);
    }
}
