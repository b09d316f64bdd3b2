//! Which rows of a long list are in sight, and which pages of data those need.

use std::ops::Range;

/// The rows to draw: those in sight and `beyond` more on either side.
///
/// `above` is how many pixels of the list lie above the upper edge of what is in sight; negative when the list
/// begins below that edge.
pub fn in_sight(total: usize, row: f64, above: f64, sight: f64, beyond: usize) -> Range<usize> {
    if total == 0 || row <= 0.0 {
        return 0..0;
    }
    let first = (above / row).floor().max(0.0) as usize;
    let last = ((above + sight) / row).ceil().max(0.0) as usize;
    first.saturating_sub(beyond).min(total)..(last + beyond).min(total)
}

/// The pages of `size` rows that hold these rows.
pub fn pages(rows: Range<usize>, size: usize) -> Range<usize> {
    if rows.is_empty() || size == 0 {
        return 0..0;
    }
    rows.start / size..(rows.end - 1) / size + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_sight_is_drawn() {
        for (total, above, rows) in [
            (0, 0.0, 0..0),
            (10_000, -200.0, 0..10),
            (10_000, 0.0, 0..15),
            (10_000, 4_000.0, 95..115),
            (100, 1e9, 100..100),
            (3, 0.0, 0..3),
        ] {
            assert_eq!(in_sight(total, 40.0, above, 400.0, 5), rows, "{total} {above}");
        }
    }

    #[test]
    fn pages_cover_the_rows() {
        assert_eq!(pages(95..115, 100), 0..2);
        assert_eq!(pages(0..100, 100), 0..1);
        assert_eq!(pages(100..101, 100), 1..2);
        assert_eq!(pages(5..5, 100), 0..0);
    }
}
