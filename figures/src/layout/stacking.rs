//! Components beside and below each other: each where it was, new ones in rows below.

use super::{Point, Rect, Spacing};

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
    let area: f64 = new
        .iter()
        .map(|index| (blocks[*index].bounds.width + gap) * (blocks[*index].bounds.height + gap))
        .sum();
    let widest = new.iter().map(|index| blocks[*index].bounds.width).fold(0.0, f64::max);
    let (left, top) = taken.map_or((0.0, 0.0), |taken| (taken.x, taken.bottom() + gap));
    let wished = (area * spacing.aspect).sqrt();
    let width = widest.max(wished).max(taken.map_or(0.0, |taken| taken.width));
    let (mut x, mut y, mut row_height) = (left, top, 0.0_f64);
    for index in new {
        let bounds = blocks[index].bounds;
        if x > left && x + bounds.width > left + width {
            (x, y, row_height) = (left, y + row_height + gap, 0.0);
        }
        shifts[index] = Point::new(x - bounds.x, y - bounds.y);
        x += bounds.width + gap;
        row_height = row_height.max(bounds.height);
    }
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
