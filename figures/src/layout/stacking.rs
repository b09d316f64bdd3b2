//! Components beside and below each other: each where it was, new ones in rows below.

use super::{Point, Rect, Size, Spacing};

/// Widths of the rows that are tried, as multiples of what the bare area would need: high blocks leave holes.
const WIDER: &[f64] = &[1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.4];

/// A component as drawn on its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub bounds: Rect,
    /// Where its own point (0, 0) was, when it has been drawn before.
    pub known: Option<Point>,
}

/// How far each block has to be moved so that none overlaps another.
pub(super) fn stack(blocks: &[Block], spacing: &Spacing) -> Vec<Point> {
    let mut shifts = vec![Point::default(); blocks.len()];
    let mut taken: Vec<Rect> = Vec::with_capacity(blocks.len());
    let mut known: Vec<(usize, Point)> = blocks
        .iter()
        .enumerate()
        .filter_map(|(index, block)| Some((index, block.known?)))
        .collect();
    known.sort_by(|a, b| (a.1.y + blocks[a.0].bounds.y).total_cmp(&(b.1.y + blocks[b.0].bounds.y)));
    for (index, at) in known {
        let rect = free_below(
            blocks[index].bounds.moved(at.x, at.y),
            &taken,
            spacing.component_gap / 2.0,
        );
        shifts[index] = Point::new(at.x, rect.y - blocks[index].bounds.y);
        taken.push(rect);
    }
    let corner = taken.iter().copied().reduce(Rect::union);
    rows(blocks, corner, spacing, &mut shifts);
    shifts
}

/// `rect`, moved down until it is clear of all others by `gap`.
fn free_below(mut rect: Rect, taken: &[Rect], gap: f64) -> Rect {
    // Each round moves it below one more block, so there are never more rounds than blocks. A hair less than the gap:
    // rounding must not find the block again that it was just moved below.
    for _ in 0..=taken.len() {
        match taken.iter().find(|other| other.grown(gap - 0.01).overlaps(rect)) {
            Some(other) => rect.y = other.bottom() + gap,
            None => break,
        }
    }
    rect
}

/// Puts the blocks that have no place yet into rows, the tallest first, below what has one.
fn rows(blocks: &[Block], taken: Option<Rect>, spacing: &Spacing, shifts: &mut [Point]) {
    let mut new: Vec<usize> = (0..blocks.len())
        .filter(|index| blocks[*index].known.is_none())
        .collect();
    new.sort_by(|a, b| blocks[*b].bounds.height.total_cmp(&blocks[*a].bounds.height));
    let gap = spacing.component_gap;
    let (left, top) = taken.map_or((0.0, 0.0), |taken| (taken.x, taken.bottom() + gap));
    let sizes: Vec<Rect> = new.iter().map(|index| blocks[*index].bounds).collect();
    let least = taken.map_or(0.0, |taken| taken.width);
    for (index, corner) in new.iter().zip(filled(&sizes, least, spacing)) {
        let bounds = blocks[*index].bounds;
        shifts[*index] = Point::new(left + corner.x - bounds.x, top + corner.y - bounds.y);
    }
}

/// The corners of the blocks in rows of the width, at least `least`, that makes the whole largest in its window.
fn filled(sizes: &[Rect], least: f64, spacing: &Spacing) -> Vec<Point> {
    let gap = spacing.component_gap;
    let area: f64 = sizes.iter().map(|size| (size.width + gap) * (size.height + gap)).sum();
    let widest = sizes.iter().map(|size| size.width).fold(least, f64::max);
    let even = (area * spacing.aspect).sqrt();
    let widths = WIDER.iter().map(|factor| (even * factor).max(widest));
    let tried = widths.map(|width| in_rows(sizes, width, gap));
    let needed = |(_, whole): &(Vec<Point>, Size)| (whole.width / spacing.aspect).max(whole.height);
    let best = tried.min_by(|one, other| needed(one).total_cmp(&needed(other)));
    best.map(|(corners, _)| corners).unwrap_or_default()
}

/// The corners of the blocks in rows no wider than `width`, and the size of the whole.
fn in_rows(sizes: &[Rect], width: f64, gap: f64) -> (Vec<Point>, Size) {
    let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0_f64);
    let mut whole = Size::default();
    let mut corners = Vec::with_capacity(sizes.len());
    for size in sizes {
        if x > 0.0 && x + size.width > width {
            (x, y, row_height) = (0.0, y + row_height + gap, 0.0);
        }
        corners.push(Point::new(x, y));
        whole.width = whole.width.max(x + size.width);
        whole.height = whole.height.max(y + size.height);
        x += size.width + gap;
        row_height = row_height.max(size.height);
    }
    (corners, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(width: f64, height: f64, known: Option<(f64, f64)>) -> Block {
        Block {
            bounds: Rect {
                x: 0.0,
                y: -height / 2.0,
                width,
                height,
            },
            known: known.map(|(x, y)| Point::new(x, y)),
        }
    }

    fn placed(blocks: &[Block]) -> Vec<Rect> {
        let shifts = stack(blocks, &Spacing::default());
        blocks
            .iter()
            .zip(shifts)
            .map(|(block, by)| block.bounds.moved(by.x, by.y))
            .collect()
    }

    #[test]
    fn new_blocks_fill_rows_and_do_not_overlap() {
        let blocks = vec![block(150.0, 60.0, None); 40];
        let rects = placed(&blocks);
        for (index, rect) in rects.iter().enumerate() {
            assert!(rects[..index].iter().all(|other| !other.overlaps(*rect)));
        }
        let all = rects.into_iter().reduce(Rect::union).unwrap();
        assert!(all.width > all.height, "{all:?}");
    }

    #[test]
    fn a_high_block_does_not_make_everything_narrow() {
        let blocks = [
            block(400.0, 400.0, None),
            block(380.0, 150.0, None),
            block(380.0, 140.0, None),
        ];
        let all = placed(&blocks).into_iter().reduce(Rect::union).unwrap();
        // Rows as wide as the bare area would need hold one block each: 778 high.
        assert!(all.height < 600.0, "{all:?}");
    }

    #[test]
    fn a_known_block_stays_and_a_new_one_goes_below() {
        let rects = placed(&[block(100.0, 50.0, None), block(100.0, 50.0, Some((20.0, 300.0)))]);
        assert_eq!((rects[1].x, rects[1].y), (20.0, 275.0));
        assert!(rects[0].y >= rects[1].bottom());
    }

    #[test]
    fn a_known_block_that_has_grown_pushes_the_one_below_it() {
        let rects = placed(&[
            block(100.0, 200.0, Some((0.0, 0.0))),
            block(100.0, 50.0, Some((0.0, 60.0))),
        ]);
        assert_eq!(rects[0].y, -100.0);
        assert!(rects[1].y >= rects[0].bottom());
    }
}
