//! Moving from node to node with the arrow keys.

use super::{Drawing, Point};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// How much a step to the side counts against a step ahead: the next box of the same row or column is preferred.
const SIDEWAYS: f64 = 2.0;

/// The node to go to from `from`: an edge's other end when one leads that way, otherwise the nearest box there.
pub fn neighbour_towards(drawing: &Drawing, edges: &[(i64, i64)], from: i64, direction: Direction) -> Option<i64> {
    let center = |id: i64| {
        drawing
            .nodes
            .iter()
            .find(|node| node.id == id)
            .map(|node| node.rect.center())
    };
    let start = center(from)?;
    let nearest = |ids: &mut dyn Iterator<Item = (i64, Point)>| {
        ids.filter(|(id, _)| *id != from)
            .filter_map(|(id, at)| Some((id, cost(start, at, direction)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(id, _)| id)
    };
    let along = match direction {
        Direction::Left | Direction::Right => {
            let mut ends = edges.iter().filter_map(|&(a, b)| {
                let other = if a == from {
                    b
                } else if b == from {
                    a
                } else {
                    return None;
                };
                Some((other, center(other)?))
            });
            nearest(&mut ends)
        }
        Direction::Up | Direction::Down => None,
    };
    along.or_else(|| nearest(&mut drawing.nodes.iter().map(|node| (node.id, node.rect.center()))))
}

/// How far `to` is in that direction; `None` when it is not there at all.
fn cost(from: Point, to: Point, direction: Direction) -> Option<f64> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (ahead, sideways) = match direction {
        Direction::Left => (-dx, dy),
        Direction::Right => (dx, dy),
        Direction::Up => (-dy, dx),
        Direction::Down => (dy, dx),
    };
    (ahead > 1.0).then(|| ahead + SIDEWAYS * sideways.abs())
}

#[cfg(test)]
mod tests {
    use super::super::{Edge, Node, Positions, Spacing, arrange};
    use super::*;

    fn drawing(edges: &[(i64, i64)]) -> Drawing {
        let node = |id| Node {
            id,
            width: 100.0,
            height: 40.0,
            caption: 0.0,
        };
        let edges: Vec<Edge> = edges
            .iter()
            .map(|&(from, to)| Edge {
                from,
                to,
                course: super::super::Course::Flow,
                label: None,
            })
            .collect();
        arrange(
            &[1, 2, 3, 4].map(node),
            &edges,
            &Positions::default(),
            &Spacing::default(),
        )
    }

    #[test]
    fn right_and_left_follow_the_edges() {
        let edges = [(1, 2), (2, 3), (2, 4)];
        let drawing = drawing(&edges);
        let go = |from, direction| neighbour_towards(&drawing, &edges, from, direction);
        assert_eq!(go(1, Direction::Right), Some(2));
        assert!(matches!(go(2, Direction::Right), Some(3 | 4)));
        assert_eq!(go(3, Direction::Left), Some(2));
        assert_eq!(go(1, Direction::Left), None);
    }

    #[test]
    fn up_and_down_stay_in_the_column() {
        let edges = [(1, 2), (1, 3), (1, 4)];
        let drawing = drawing(&edges);
        let mut column = [2, 3, 4];
        let height = |id: &i64| drawing.nodes.iter().find(|node| node.id == *id).unwrap().rect.y;
        column.sort_by(|a, b| height(a).total_cmp(&height(b)));
        let go = |from, direction| neighbour_towards(&drawing, &edges, from, direction);
        assert_eq!(go(column[0], Direction::Down), Some(column[1]));
        assert_eq!(go(column[1], Direction::Down), Some(column[2]));
        assert_eq!(go(column[2], Direction::Up), Some(column[1]));
        assert_eq!(go(99, Direction::Up), None);
    }
}
