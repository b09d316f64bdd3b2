//! The whole way from a graph to its drawing.

use std::collections::HashMap;

use super::components::components;
use super::cycles::{Arc, backwards};
use super::heights::heights;
use super::labels;
use super::lanes::{Grid, cut};
use super::layers::layers;
use super::ordering::order;
use super::routing::route;
use super::stacking::{Block, stack};
use super::{Curve, Drawing, Edge, Node, Placed, Point, Positions, Rect, Route, Spacing};

/// Draws the graph. The same graph with the same earlier positions always gives the same drawing, and a drawing
/// given its own positions gives itself.
pub fn arrange(nodes: &[Node], edges: &[Edge], previous: &Positions, spacing: &Spacing) -> Drawing {
    let index_of: HashMap<i64, usize> = nodes.iter().enumerate().map(|(index, node)| (node.id, index)).collect();
    let ends: Vec<(usize, usize, usize)> = edges
        .iter()
        .enumerate()
        .filter_map(|(index, edge)| Some((index, *index_of.get(&edge.from)?, *index_of.get(&edge.to)?)))
        .collect();
    let parts = components(nodes.len(), ends.iter().map(|(_, from, to)| (*from, *to)));
    let mut part_of = vec![0; nodes.len()];
    for (part, members) in parts.iter().enumerate() {
        for &member in members {
            part_of[member] = part;
        }
    }
    let mut lines = vec![Vec::new(); parts.len()];
    for end in ends {
        lines[part_of[end.1]].push(end);
    }
    let drawn: Vec<Part> = parts
        .iter()
        .zip(lines)
        .map(|(members, lines)| Part::draw(nodes, edges, members, &lines, previous, spacing))
        .collect();
    let blocks: Vec<Block> = drawn.iter().map(|part| part.block).collect();
    assemble(nodes, edges, drawn, &stack(&blocks, spacing))
}

/// A component drawn on its own.
struct Part {
    block: Block,
    /// Node index and box.
    boxes: Vec<(usize, Rect)>,
    routes: Vec<Route>,
    /// Each lane's key and height.
    lanes: Vec<(super::graph::LaneKey, f64)>,
}

impl Part {
    fn draw(
        nodes: &[Node],
        edges: &[Edge],
        members: &[usize],
        lines: &[(usize, usize, usize)],
        previous: &Positions,
        spacing: &Spacing,
    ) -> Part {
        let own_nodes: Vec<Node> = members.iter().map(|member| nodes[*member]).collect();
        let own_edges: Vec<Edge> = lines.iter().map(|(edge, ..)| edges[*edge]).collect();
        let local = |node: usize| members.binary_search(&node).unwrap_or_default();
        let arcs: Vec<Arc> = lines
            .iter()
            .map(|&(edge, from, to)| Arc {
                from: local(from),
                to: local(to),
                course: edges[edge].course,
            })
            .collect();
        let backwards = backwards(own_nodes.len(), &arcs);
        let layers = layers(own_nodes.len(), &arcs, &backwards);
        let mut grid = cut(&own_nodes, &arcs, &backwards, &layers, previous, spacing);
        order(&mut grid);
        grid.lift(&arcs);
        let heights = heights(&grid, spacing);
        let routed = route(&own_nodes, &own_edges, &arcs, &backwards, &grid, &heights, spacing);
        let taken: Vec<Rect> = own_nodes
            .iter()
            .zip(&routed.boxes)
            .map(|(node, rect)| with_caption(node, *rect))
            .collect();
        let labels = labels::place(&own_edges, &routed.curves, &taken);
        let bounds = bounds(&taken, &routed.curves, &labels);
        let known = known_place(&own_nodes, &routed.boxes, previous);
        let routes = routed.curves.into_iter().zip(labels).zip(backwards).zip(lines);
        Part {
            block: Block { bounds, known },
            boxes: members.iter().copied().zip(routed.boxes).collect(),
            routes: routes
                .map(|(((curve, label), backwards), &(edge, ..))| Route {
                    edge,
                    curve,
                    label,
                    backwards,
                })
                .collect(),
            lanes: lane_heights(&grid, &heights),
        }
    }
}

fn lane_heights(grid: &Grid, heights: &[f64]) -> Vec<(super::graph::LaneKey, f64)> {
    grid.items
        .iter()
        .zip(heights)
        .filter_map(|(item, height)| Some((item.lane?, *height)))
        .collect()
}

fn with_caption(node: &Node, rect: Rect) -> Rect {
    Rect {
        y: rect.y - node.caption,
        height: rect.height + node.caption,
        ..rect
    }
}

fn bounds(boxes: &[Rect], curves: &[Curve], labels: &[Option<Rect>]) -> Rect {
    let all = boxes
        .iter()
        .copied()
        .chain(curves.iter().map(Curve::bounds))
        .chain(labels.iter().flatten().copied());
    all.reduce(Rect::union).unwrap_or_default()
}

/// Where the component's point (0, 0) was: heights are the old ones already, columns have moved by the middle one of
/// its nodes' shifts.
fn known_place(nodes: &[Node], boxes: &[Rect], previous: &Positions) -> Option<Point> {
    let mut shifts: Vec<f64> = nodes
        .iter()
        .zip(boxes)
        .filter_map(|(node, rect)| Some(previous.node(node.id)?.x - rect.center().x))
        .collect();
    shifts.sort_by(f64::total_cmp);
    Some(Point::new(*shifts.get(shifts.len() / 2)?, 0.0))
}

/// One drawing out of all components, each moved to its place.
fn assemble(nodes: &[Node], edges: &[Edge], parts: Vec<Part>, shifts: &[Point]) -> Drawing {
    let mut placed: Vec<Placed> = nodes
        .iter()
        .map(|node| Placed {
            id: node.id,
            rect: Rect::default(),
        })
        .collect();
    let mut routes = Vec::with_capacity(edges.len());
    let mut positions = Positions::default();
    let mut bounds: Option<Rect> = None;
    for (part, by) in parts.into_iter().zip(shifts) {
        for (index, rect) in part.boxes {
            placed[index].rect = rect.moved(by.x, by.y);
            positions.nodes.insert(nodes[index].id, placed[index].rect.center());
        }
        for route in part.routes {
            routes.push(Route {
                curve: route.curve.moved(by.x, by.y),
                label: route.label.map(|label| label.moved(by.x, by.y)),
                ..route
            });
        }
        for (key, height) in part.lanes {
            positions.lanes.insert(key, height + by.y);
        }
        let moved = part.block.bounds.moved(by.x, by.y);
        bounds = Some(bounds.map_or(moved, |bounds| bounds.union(moved)));
    }
    routes.sort_by_key(|route| route.edge);
    Drawing {
        nodes: placed,
        edges: routes,
        bounds: bounds.unwrap_or_default(),
        positions,
    }
}
