//! The topology graph as arithmetic: where each node, line and label goes, and how it is looked at.
//!
//! Layers run from left to right. The way there, one file per step: `components` apart, `cycles` broken,
//! `layers` assigned, long edges cut into `lanes`, crossings reduced in `ordering`, heights chosen in
//! `heights`, edges `routing` through their lanes, `labels` put where nothing is, components `stacking`.

mod apart;
mod arrange;
pub mod collapse;
mod components;
mod crossings;
mod curve;
mod cycles;
mod geometry;
mod graph;
mod heights;
mod hit;
mod labels;
mod lanes;
mod layers;
mod ordering;
mod reach;
mod routing;
mod separation;
mod stacking;
mod viewport;
mod walk;

#[cfg(test)]
mod tests;

pub use apart::free_places;
pub use arrange::arrange;
pub use curve::{Curve, Piece};
pub use geometry::{Point, Rect, Size};
pub use graph::{Course, Drawing, Edge, Node, Placed, Positions, Route, Spacing};
pub use hit::{edge_at, node_at};
pub use reach::{Reach, reach};
pub use viewport::Viewport;
pub use walk::{Direction, neighbour_towards};
