//! What is under the pointer.

use super::{Drawing, Point};

/// The node whose box holds the point.
pub fn node_at(drawing: &Drawing, point: Point) -> Option<i64> {
    // Later boxes are painted over earlier ones.
    drawing
        .nodes
        .iter()
        .rev()
        .find(|node| node.rect.contains(point))
        .map(|node| node.id)
}

/// The nearest edge within `reach` of the point, as an index into [`Drawing::edges`].
pub fn edge_at(drawing: &Drawing, point: Point, reach: f64) -> Option<usize> {
    let mut nearest = None;
    let mut within = reach;
    for (index, route) in drawing.edges.iter().enumerate() {
        if !route.curve.bounds().grown(reach).contains(point) {
            continue;
        }
        for (a, b) in route.curve.segments() {
            let away = distance_to_segment(point, a, b);
            if away <= within {
                (nearest, within) = (Some(index), away);
            }
        }
    }
    nearest
}

fn distance_to_segment(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    if length == 0.0 {
        return point.distance(a);
    }
    let t = (((point.x - a.x) * dx + (point.y - a.y) * dy) / length).clamp(0.0, 1.0);
    point.distance(Point::new(a.x + t * dx, a.y + t * dy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_to_a_line_is_to_its_nearest_point() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(10.0, 0.0));
        for (x, y, distance) in [(5.0, 3.0, 3.0), (-3.0, 4.0, 5.0), (13.0, -4.0, 5.0)] {
            assert_eq!(distance_to_segment(Point::new(x, y), a, b), distance);
        }
        assert_eq!(distance_to_segment(Point::new(3.0, 4.0), a, a), 5.0);
    }
}
