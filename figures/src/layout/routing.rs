//! Columns side by side, boxes in them, and the lines through their lanes.
//!
//! A line is level while it is inside a column and bends only in the gaps between columns, where no box stands:
//! so it never passes over a box, its two ends apart.

use super::cycles::Arc;
use super::lanes::Grid;
use super::{Curve, Edge, Node, Point, Rect, Spacing};

/// How far a bow reaches into the gap where a line turns round.
const BOW: f64 = 40.0;
/// The widest that a gap grows for the sake of steep lines.
const STEEP_GAP: f64 = 90.0;

/// A component drawn, in coordinates of its own.
pub(super) struct Routed {
    pub boxes: Vec<Rect>,
    pub curves: Vec<Curve>,
}

pub(super) fn route(
    nodes: &[Node],
    edges: &[Edge],
    arcs: &[Arc],
    backwards: &[bool],
    grid: &Grid,
    heights: &[f64],
    spacing: &Spacing,
) -> Routed {
    let columns = Columns::of(grid, edges, heights, spacing);
    let boxes = (0..nodes.len())
        .map(|index| {
            let (left, right) = columns.sides(grid.items[index].column);
            let center = Point::new((left + right) / 2.0, heights[index]);
            let (width, height) = (nodes[index].width, nodes[index].height);
            Rect::around(center, super::Size { width, height })
        })
        .collect::<Vec<_>>();
    let curves = (0..arcs.len())
        .map(|index| {
            let start = boxes[arcs[index].from];
            let from = Point::new(start.right(), start.center().y + grid.drops[index]);
            let end = boxes[arcs[index].to];
            let to = Point::new(end.x, end.center().y);
            let chain = &grid.chains[index];
            let stops = chain
                .iter()
                .map(|item| (columns.sides(grid.items[*item].column), heights[*item]));
            if backwards[index] {
                back(from, to, stops.rev())
            } else {
                forth(from, to, stops)
            }
        })
        .collect();
    Routed { boxes, curves }
}

type Sides = (f64, f64);

/// Out at the right, through the lanes, in at the left. The first and last stop are the columns of the ends.
fn forth(from: Point, to: Point, stops: impl ExactSizeIterator<Item = (Sides, f64)>) -> Curve {
    let last = stops.len().saturating_sub(1);
    let mut curve = Curve::new(from);
    for (index, ((left, right), height)) in stops.enumerate() {
        if index == 0 {
            curve.line_to(Point::new(right, from.y));
        } else if index == last {
            curve.ease_to(Point::new(left, to.y));
        } else {
            curve.ease_to(Point::new(left, height));
            curve.line_to(Point::new(right, height));
        }
    }
    curve.line_to(to);
    curve
}

/// Out at the right, round, through the lanes to the left, round again, and in at the left. The stops come from
/// right to left.
fn back(from: Point, to: Point, stops: impl Iterator<Item = (Sides, f64)>) -> Curve {
    let mut curve = Curve::new(from);
    let mut at_left = None;
    for ((left, right), height) in stops {
        match at_left {
            None => {
                curve.line_to(Point::new(right, from.y));
                curve.turn_to(Point::new(right, height), BOW);
            }
            Some(_) => curve.ease_to(Point::new(right, height)),
        }
        curve.line_to(Point::new(left, height));
        at_left = Some(left);
    }
    curve.turn_to(Point::new(at_left.unwrap_or(to.x), to.y), -BOW);
    curve.line_to(to);
    curve
}

/// Where each column begins and ends.
struct Columns(Vec<Sides>);

impl Columns {
    fn of(grid: &Grid, edges: &[Edge], heights: &[f64], spacing: &Spacing) -> Columns {
        let mut labels = vec![0.0_f64; grid.gaps.len()];
        for (chain, edge) in grid.chains.iter().zip(edges) {
            // A line with a lane has room for its label there.
            if let ([from, _], Some(label)) = (chain.as_slice(), edge.label) {
                let gap = &mut labels[grid.items[*from].column];
                *gap = gap.max(label.width + 20.0);
            }
        }
        let mut x = 0.0;
        let mut sides = Vec::with_capacity(grid.columns.len());
        for (column, items) in grid.columns.iter().enumerate() {
            let width = items.iter().map(|item| grid.items[*item].width).fold(0.0, f64::max);
            sides.push((x, x + width));
            x += width;
            if let Some(gap) = grid.gaps.get(column) {
                let steep = gap
                    .iter()
                    .map(|join| (heights[join.left] + grid.drop(join) - heights[join.right]).abs())
                    .fold(0.0, f64::max);
                let wanted = spacing.column_gap + (steep / 8.0).min(STEEP_GAP);
                // Not rounded: what is no difference would become a whole pixel of it.
                x += wanted.max(labels[column]);
            }
        }
        Columns(sides)
    }

    fn sides(&self, column: usize) -> Sides {
        self.0[column]
    }
}
