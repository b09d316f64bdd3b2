//! Long edges cut into one lane per column that they pass, so that every line has a place of its own there.

use super::cycles::Arc;
use super::graph::LaneKey;
use super::{Course, Node, Positions, Spacing};

/// What stands in a column: a node, or the lane of an edge that passes.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub column: usize,
    /// Room that it needs above and below the height at which its edges arrive.
    pub above: f64,
    pub below: f64,
    /// Its width; 0 for a lane.
    pub width: f64,
    /// Its height in the earlier drawing.
    pub known: Option<f64>,
    /// Set for a lane.
    pub lane: Option<LaneKey>,
    /// The lanes that stay directly below this node: those of edges that turn round here.
    pub turning: Vec<usize>,
}

/// A piece of an edge between two neighbouring columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Join {
    pub left: usize,
    pub right: usize,
    /// The edge, when this is its beginning at a node.
    pub begins: Option<usize>,
}

/// The columns of one component. Items `0..nodes` are its nodes, in their order.
#[derive(Debug)]
pub(super) struct Grid {
    pub items: Vec<Item>,
    /// The items of each column from top to bottom, without turning lanes, which follow their node.
    pub columns: Vec<Vec<usize>>,
    /// The joins between each column and the next.
    pub gaps: Vec<Vec<Join>>,
    /// How far below the middle of its node's side each edge begins.
    pub drops: Vec<f64>,
    /// For every edge its items from left to right. An edge that runs backwards has lanes at both its ends' columns.
    pub chains: Vec<Vec<usize>>,
}

impl Grid {
    /// The column from top to bottom with everything in it.
    pub fn whole_column(&self, column: usize) -> impl Iterator<Item = usize> + '_ {
        self.columns[column]
            .iter()
            .flat_map(|item| std::iter::once(*item).chain(self.items[*item].turning.iter().copied()))
    }

    /// How far below the left item's height the line begins.
    pub fn drop(&self, join: &Join) -> f64 {
        join.begins.map_or(0.0, |edge| self.drops[edge])
    }

    /// Lets an edge that goes above all that flows from its node begin above the middle too, so that it crosses none.
    pub fn lift(&mut self, arcs: &[Arc]) {
        let mut place = vec![0; self.items.len()];
        for column in 0..self.columns.len() {
            for (at, item) in self.whole_column(column).enumerate() {
                place[item] = at;
            }
        }
        let mut highest_flow = vec![usize::MAX; self.items.len()];
        let begins: Vec<(usize, usize, usize)> = self
            .gaps
            .iter()
            .flatten()
            .filter_map(|join| Some((join.begins?, join.left, join.right)))
            .collect();
        for &(edge, left, right) in &begins {
            if arcs[edge].course == Course::Flow {
                highest_flow[left] = highest_flow[left].min(place[right]);
            }
        }
        for (edge, left, right) in begins {
            if highest_flow[left] != usize::MAX && place[right] < highest_flow[left] {
                self.drops[edge] = -self.drops[edge];
            }
        }
    }
}

/// How far below the middle of a node's side an edge leaves.
fn drop_of(course: Course, node: &Node) -> f64 {
    match course {
        Course::Flow => 0.0,
        Course::Aside => (node.height * 0.3).round(),
    }
}

pub(super) fn cut(
    nodes: &[Node],
    arcs: &[Arc],
    backwards: &[bool],
    layers: &[usize],
    previous: &Positions,
    spacing: &Spacing,
) -> Grid {
    let columns = layers.iter().max().map_or(0, |last| last + 1);
    let mut grid = Grid {
        items: Vec::with_capacity(nodes.len()),
        columns: vec![Vec::new(); columns],
        gaps: vec![Vec::new(); columns.saturating_sub(1)],
        drops: arcs.iter().map(|arc| drop_of(arc.course, &nodes[arc.from])).collect(),
        chains: Vec::with_capacity(arcs.len()),
    };
    for (node, &column) in nodes.iter().zip(layers) {
        grid.columns[column].push(grid.items.len());
        grid.items.push(Item {
            column,
            above: node.height / 2.0 + node.caption,
            below: node.height / 2.0,
            width: node.width,
            known: previous.node(node.id).map(|center| center.y),
            lane: None,
            turning: Vec::new(),
        });
    }
    for (edge, (arc, &backwards)) in arcs.iter().zip(backwards).enumerate() {
        let lane = |step: usize| (nodes[arc.from].id, nodes[arc.to].id, arc.course, step);
        let room = spacing.lane / 2.0;
        let mut add = |grid: &mut Grid, column: usize, step: usize| {
            let key = lane(step);
            grid.items.push(Item {
                column,
                above: room,
                below: room,
                width: 0.0,
                known: previous.lanes.get(&key).copied(),
                lane: Some(key),
                turning: Vec::new(),
            });
            grid.items.len() - 1
        };
        let chain = if backwards {
            turn(&mut grid, arc, layers, &mut add)
        } else {
            pass(&mut grid, arc, layers, &mut add)
        };
        for pair in chain.windows(2) {
            grid.gaps[grid.items[pair[0]].column].push(Join {
                left: pair[0],
                right: pair[1],
                begins: (pair[0] == arc.from).then_some(edge),
            });
        }
        grid.chains.push(chain);
    }
    grid
}

/// The items of an edge that runs forwards: its ends, and a lane in every column between.
fn pass(
    grid: &mut Grid,
    arc: &Arc,
    layers: &[usize],
    add: &mut impl FnMut(&mut Grid, usize, usize) -> usize,
) -> Vec<usize> {
    let mut chain = vec![arc.from];
    for (step, column) in (layers[arc.from] + 1..layers[arc.to]).enumerate() {
        let lane = add(grid, column, step);
        grid.columns[column].push(lane);
        chain.push(lane);
    }
    chain.push(arc.to);
    chain
}

/// The items of an edge that runs backwards: a lane in every column from its end to its start, the outer ones
/// directly below the two nodes.
fn turn(
    grid: &mut Grid,
    arc: &Arc,
    layers: &[usize],
    add: &mut impl FnMut(&mut Grid, usize, usize) -> usize,
) -> Vec<usize> {
    let (first, last) = (layers[arc.to], layers[arc.from]);
    let mut chain = Vec::with_capacity(last - first + 1);
    for (step, column) in (first..=last).enumerate() {
        let lane = add(grid, column, step);
        match column {
            _ if column == last => grid.items[arc.from].turning.push(lane),
            _ if column == first => grid.items[arc.to].turning.push(lane),
            _ => grid.columns[column].push(lane),
        }
        chain.push(lane);
    }
    chain
}
