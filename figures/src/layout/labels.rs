//! Labels beside their lines, where they touch no line, no box and no other label.

use super::{Curve, Edge, Piece, Point, Rect, Size};

/// Air between a label and everything else.
const AIR: f64 = 3.0;
/// Side of a square of the index.
const CELL: f64 = 64.0;

/// For each edge the place of its label, if it has one and there is a free place.
pub(super) fn place(edges: &[Edge], curves: &[Curve], taken: &[Rect]) -> Vec<Option<Rect>> {
    if edges.iter().all(|edge| edge.label.is_none()) {
        return vec![None; edges.len()];
    }
    let area = taken
        .iter()
        .copied()
        .chain(curves.iter().map(Curve::bounds))
        .reduce(Rect::union);
    let mut index = Index::over(area.unwrap_or_default());
    for rect in taken {
        index.add_box(*rect);
    }
    for segment in curves.iter().flat_map(Curve::segments) {
        index.add_line(segment.0, segment.1);
    }
    let mut places = Vec::with_capacity(edges.len());
    for (edge, curve) in edges.iter().zip(curves) {
        let place = edge
            .label
            .and_then(|size| candidates(curve, size).find(|rect| index.is_free(rect.grown(AIR))));
        if let Some(rect) = place {
            index.add_box(rect);
        }
        places.push(place);
    }
    places
}

/// Places along the line, the best first: above its middle, then below and beside, then towards its ends.
fn candidates(curve: &Curve, size: Size) -> impl Iterator<Item = Rect> + '_ {
    // Level pieces first: a label reads best above a level line. Short ones have no room.
    let roomy = move |start: &Point, piece: &Piece| start.distance(piece.end()) > size.width + 2.0 * AIR;
    let level = curve
        .pieces_from()
        .filter(move |(start, piece)| matches!(piece, Piece::Line(_)) && roomy(start, piece));
    let curved = curve
        .pieces_from()
        .filter(|(_, piece)| matches!(piece, Piece::Cubic(..)));
    level.chain(curved).flat_map(move |(start, piece)| {
        [0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2].into_iter().flat_map(move |t| {
            let point = piece.at(start, t);
            let up = size.height / 2.0 + AIR + 2.0;
            let aside = size.width / 2.0 + AIR + 3.0;
            [
                (0.0, -up),
                (0.0, up),
                (aside, 0.0),
                (-aside, 0.0),
                (aside, -up),
                (-aside, up),
                (aside, up),
                (-aside, -up),
            ]
            .map(|(dx, dy)| Rect::around(point.moved(dx, dy), size))
        })
    })
}

/// Lines and boxes by the squares that they are in.
struct Index {
    origin: Point,
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
}

#[derive(Default, Clone)]
struct Cell {
    lines: Vec<(Point, Point)>,
    boxes: Vec<Rect>,
}

impl Index {
    /// An index of the area that holds all that will be put in.
    fn over(area: Rect) -> Index {
        let count = |length: f64| (length / CELL) as usize + 1;
        let (columns, rows) = (count(area.width), count(area.height));
        Index {
            origin: Point::new(area.x, area.y),
            columns,
            rows,
            cells: vec![Cell::default(); columns * rows],
        }
    }

    fn add_line(&mut self, a: Point, b: Point) {
        let around = Rect {
            x: a.x.min(b.x),
            y: a.y.min(b.y),
            width: (a.x - b.x).abs(),
            height: (a.y - b.y).abs(),
        };
        for cell in self.cells_of(around) {
            self.cells[cell].lines.push((a, b));
        }
    }

    fn add_box(&mut self, rect: Rect) {
        for cell in self.cells_of(rect) {
            self.cells[cell].boxes.push(rect);
        }
    }

    fn is_free(&self, rect: Rect) -> bool {
        self.cells_of(rect).all(|cell| {
            let Cell { lines, boxes } = &self.cells[cell];
            !boxes.iter().any(|other| rect.overlaps(*other)) && !lines.iter().any(|(a, b)| rect.crossed_by(*a, *b))
        })
    }

    /// The cells that the box touches; what lies outside counts to the outermost.
    fn cells_of(&self, rect: Rect) -> impl Iterator<Item = usize> + use<> {
        let index = |at: f64, count: usize| ((at / CELL).max(0.0) as usize).min(count - 1);
        let (left, right) = (rect.x - self.origin.x, rect.right() - self.origin.x);
        let (top, bottom) = (rect.y - self.origin.y, rect.bottom() - self.origin.y);
        let columns = index(left, self.columns)..=index(right, self.columns);
        let rows = index(top, self.rows)..=index(bottom, self.rows);
        let across = self.columns;
        rows.flat_map(move |row| columns.clone().map(move |column| row * across + column))
    }
}
