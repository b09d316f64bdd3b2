//! What must hold for every drawing.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

const LABEL: Size = Size {
    width: 46.0,
    height: 14.0,
};

fn node(id: i64) -> Node {
    Node {
        id,
        width: 168.0,
        height: 46.0,
        caption: 14.0,
    }
}

fn edge(from: i64, to: i64, course: Course) -> Edge {
    Edge {
        from,
        to,
        course,
        label: Some(LABEL),
    }
}

fn draw(nodes: &[Node], edges: &[Edge]) -> Drawing {
    arrange(nodes, edges, &Positions::default(), &Spacing::default())
}

fn rect(drawing: &Drawing, id: i64) -> Rect {
    drawing.nodes.iter().find(|node| node.id == id).unwrap().rect
}

/// The shop of the design: publishers, an exchange, queues, readers and a dead-letter queue.
fn shop() -> (Vec<Node>, Vec<Edge>) {
    let flow = [
        (1, 3),
        (2, 3),
        (3, 4),
        (3, 5),
        (3, 6),
        (4, 7),
        (5, 8),
        (6, 9),
        (7, 11),
        (11, 12),
    ];
    let mut edges: Vec<Edge> = flow.iter().map(|&(from, to)| edge(from, to, Course::Flow)).collect();
    edges.push(edge(4, 10, Course::Aside));
    ((1..=12).map(node).collect(), edges)
}

#[test]
fn the_shop_reads_from_left_to_right() {
    let (nodes, edges) = shop();
    let drawing = draw(&nodes, &edges);
    for edge in &edges {
        assert!(
            rect(&drawing, edge.from).right() < rect(&drawing, edge.to).x,
            "{edge:?}"
        );
    }
    for route in &drawing.edges {
        assert!(
            !route.backwards && route.label.is_some(),
            "{:?}: {route:?}",
            edges[route.edge]
        );
    }
    check(&nodes, &edges, &drawing);
}

#[test]
fn nothing_moves_when_nothing_has_changed() {
    let (nodes, edges) = shop();
    let first = draw(&nodes, &edges);
    let second = arrange(&nodes, &edges, &first.positions, &Spacing::default());
    for (a, b) in first.nodes.iter().zip(&second.nodes) {
        assert!(a.rect.center().distance(b.rect.center()) < 0.01, "{a:?} {b:?}");
    }
}

#[test]
fn a_new_queue_moves_none_that_were_there() {
    let (mut nodes, mut edges) = shop();
    let before = draw(&nodes, &edges);
    nodes.insert(0, node(13));
    edges.insert(2, edge(3, 13, Course::Flow));
    let after = arrange(&nodes, &edges, &before.positions, &Spacing::default());
    for old in &before.nodes {
        let moved = old.rect.center().distance(rect(&after, old.id).center());
        assert!(
            moved < 78.0,
            "{} moved by {moved}, more than the room the new one needs",
            old.id
        );
    }
    check(&nodes, &edges, &after);
}

#[test]
fn a_retry_cycle_runs_back_around_the_boxes() {
    let nodes: Vec<Node> = (1..=4).map(node).collect();
    let edges = [
        edge(1, 2, Course::Flow),
        edge(2, 3, Course::Flow),
        edge(3, 4, Course::Aside),
        edge(4, 1, Course::Aside),
        edge(2, 2, Course::Aside),
    ];
    let drawing = draw(&nodes, &edges);
    let backwards: Vec<bool> = drawing.edges.iter().map(|route| route.backwards).collect();
    assert_eq!(backwards, [false, false, false, true, true]);
    check(&nodes, &edges, &drawing);
}

#[test]
fn edges_to_nowhere_are_left_out() {
    let drawing = draw(
        &[node(1), node(2)],
        &[edge(1, 9, Course::Flow), edge(1, 2, Course::Flow)],
    );
    assert_eq!(drawing.edges.len(), 1);
    assert_eq!(drawing.edges[0].edge, 1);
    assert_eq!(draw(&[], &[]).bounds, Rect::default());
}

/// Asserts what holds for every drawing.
fn check(nodes: &[Node], edges: &[Edge], drawing: &Drawing) {
    assert_eq!(drawing.nodes.len(), nodes.len());
    let cells: Vec<Rect> = drawing
        .nodes
        .iter()
        .map(|node| Rect {
            y: node.rect.y - 14.0,
            height: node.rect.height + 14.0,
            ..node.rect
        })
        .collect();
    for (index, cell) in cells.iter().enumerate() {
        assert!(cell.x.is_finite() && cell.y.is_finite());
        let corners = [Point::new(cell.x, cell.y), Point::new(cell.right(), cell.bottom())];
        assert!(
            corners
                .into_iter()
                .all(|corner| drawing.bounds.grown(0.01).contains(corner)),
            "{cell:?} is outside"
        );
        for other in &cells[..index] {
            assert!(!cell.grown(-0.01).overlaps(*other), "{cell:?} overlaps {other:?}");
        }
    }
    for route in &drawing.edges {
        let edge = edges[route.edge];
        assert_eq!(route.backwards, rect(drawing, edge.from).x >= rect(drawing, edge.to).x);
        for box_ in &drawing.nodes {
            for (a, b) in route.curve.segments() {
                let inside = box_.rect.grown(-0.5).crossed_by(a, b);
                assert!(!inside, "{edge:?} passes over {}: {a:?} to {b:?}", box_.id);
            }
        }
        if let Some(label) = route.label {
            assert!(cells.iter().all(|cell| !cell.overlaps(label)), "a label on a box");
            let lines = drawing.edges.iter().flat_map(|route| route.curve.segments());
            assert!(
                lines.into_iter().all(|(a, b)| !label.crossed_by(a, b)),
                "a label on a line"
            );
        }
    }
    let labels: Vec<Rect> = drawing.edges.iter().filter_map(|route| route.label).collect();
    for (index, label) in labels.iter().enumerate() {
        assert!(
            labels[..index].iter().all(|other| !other.overlaps(*label)),
            "a label on a label"
        );
    }
}

fn any_graph() -> impl Strategy<Value = (Vec<Node>, Vec<Edge>)> {
    (1_i64..24).prop_flat_map(|count| {
        let ends = (0..count, 0..count, any::<bool>());
        proptest::collection::vec(ends, 0..40).prop_map(move |ends| {
            let course = |aside| if aside { Course::Aside } else { Course::Flow };
            let edges = ends
                .into_iter()
                .map(|(from, to, aside)| edge(from, to, course(aside)))
                .collect();
            let nodes = (0..count)
                .map(|id| Node {
                    width: 100.0 + 20.0 * (id % 5) as f64,
                    ..node(id)
                })
                .collect();
            (nodes, edges)
        })
    })
}

proptest! {
    #[test]
    fn any_graph_is_drawn_without_overlaps((nodes, edges) in any_graph()) {
        let drawing = draw(&nodes, &edges);
        check(&nodes, &edges, &drawing);
        prop_assert_eq!(&drawing, &draw(&nodes, &edges));
    }

    #[test]
    fn any_change_keeps_the_drawing_whole((nodes, edges) in any_graph(), (more, lines) in any_graph()) {
        let first = draw(&nodes, &edges);
        let second = arrange(&more, &lines, &first.positions, &Spacing::default());
        check(&more, &lines, &second);
    }

    #[test]
    fn any_drawing_given_its_own_positions_stays((nodes, mut edges) in any_graph()) {
        // Two edges alike share one remembered lane; the caller joins such edges anyway.
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.course));
        edges.dedup_by_key(|edge| (edge.from, edge.to, edge.course));
        let first = draw(&nodes, &edges);
        let again = arrange(&nodes, &edges, &first.positions, &Spacing::default());
        for (a, b) in first.nodes.iter().zip(&again.nodes) {
            prop_assert!(a.rect.center().distance(b.rect.center()) < 0.1, "{:?} {:?}", a, b);
        }
    }
}

/// 1,000 nodes as brokers have them: 40 exchanges, 600 queues, 300 services, 60 dead-letter queues.
pub(super) fn large() -> (Vec<Node>, Vec<Edge>) {
    let mut edges = Vec::new();
    for queue in 0..600_i64 {
        edges.push(edge(queue % 40, 100 + queue, Course::Flow));
        edges.push(edge(100 + queue, 1000 + queue % 300, Course::Flow));
        if queue % 3 == 0 {
            edges.push(edge(100 + queue, 2000 + queue / 10, Course::Aside));
        }
    }
    for service in 0..300_i64 {
        edges.push(edge(1000 + service, (service * 7) % 40, Course::Flow));
    }
    let ids = (0..40).chain(100..700).chain(1000..1300).chain(2000..2060);
    (ids.map(node).collect(), edges)
}

#[test]
fn a_thousand_nodes_are_drawn_in_time() {
    let (nodes, edges) = large();
    let start = Instant::now();
    let drawing = draw(&nodes, &edges);
    let taken = start.elapsed();
    assert_eq!(drawing.nodes.len(), 1000);
    // The bar is 200 ms in the page's build; this build is not optimised and shares its machine.
    assert!(taken.as_secs() < 10, "{taken:?}");
    println!("1,000 nodes, {} edges: {taken:?}", edges.len());
}
