//! What is to be drawn, and the drawing.

use std::collections::BTreeMap;

use super::{Curve, Point, Rect, Size};

/// A box to place. `id` is the caller's and must be unique.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    pub id: i64,
    pub width: f64,
    pub height: f64,
    /// Room kept free above the box for a caption.
    pub caption: f64,
}

/// A line to draw, from one node to another or to itself. Edges whose ends are not both given are not drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    pub from: i64,
    pub to: i64,
    pub course: Course,
    /// The room that its label needs.
    pub label: Option<Size>,
}

/// What an edge is to the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Course {
    /// Messages on their way: decides what is left and what is right.
    Flow,
    /// Dead letters and alternates: leaves at the lower right, and runs backwards where a cycle has to be broken.
    Aside,
}

/// Distances, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Between columns; more where labels need it.
    pub column_gap: f64,
    /// Between boxes of a column.
    pub row_gap: f64,
    /// Room for an edge that passes a column.
    pub lane: f64,
    pub component_gap: f64,
    /// The drawing's wished width divided by its height.
    pub aspect: f64,
}

impl Default for Spacing {
    fn default() -> Spacing {
        Spacing {
            column_gap: 92.0,
            row_gap: 18.0,
            lane: 14.0,
            component_gap: 44.0,
            aspect: 1.7,
        }
    }
}

/// Where things were in an earlier drawing, so that they stay put in the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Positions {
    /// The centre of each box.
    pub(super) nodes: BTreeMap<i64, Point>,
    /// The height of each edge at each column that it passes.
    pub(super) lanes: BTreeMap<LaneKey, f64>,
}

/// An edge's stay in one column: from, to, course, and how many lanes of this edge are left of it.
pub(super) type LaneKey = (i64, i64, Course, usize);

impl Positions {
    /// Where the node was.
    pub fn node(&self, id: i64) -> Option<Point> {
        self.nodes.get(&id).copied()
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawing {
    /// In the order of the given nodes.
    pub nodes: Vec<Placed>,
    /// In the order of the given edges, without those that have no two ends.
    pub edges: Vec<Route>,
    /// Everything, labels and captions included.
    pub bounds: Rect,
    /// For the next call.
    pub positions: Positions,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    pub id: i64,
    pub rect: Rect,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Index among the given edges.
    pub edge: usize,
    pub curve: Curve,
    /// Where its label touches nothing; `None` when there is no such place or no label.
    pub label: Option<Rect>,
    /// Runs from right to left, to close a cycle.
    pub backwards: bool,
}
