//! An edge's line: straight and curved pieces, one after the other.

use std::fmt::Write;

use super::{Point, Rect};

/// Straight steps that one curved piece is cut into where only straight lines can be computed with.
const STEPS: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub start: Point,
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece {
    Line(Point),
    /// A cubic Bezier piece: two handles, then its end.
    Cubic(Point, Point, Point),
}

impl Piece {
    pub fn end(self) -> Point {
        match self {
            Piece::Line(end) | Piece::Cubic(_, _, end) => end,
        }
    }

    /// The point at `t` (0 to 1) of the piece that begins at `start`.
    pub fn at(self, start: Point, t: f64) -> Point {
        let u = 1.0 - t;
        match self {
            Piece::Line(end) => Point::new(u * start.x + t * end.x, u * start.y + t * end.y),
            Piece::Cubic(a, b, end) => {
                let (wa, wb, wc, wd) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
                Point::new(
                    wa * start.x + wb * a.x + wc * b.x + wd * end.x,
                    wa * start.y + wb * a.y + wc * b.y + wd * end.y,
                )
            }
        }
    }

    fn moved(self, dx: f64, dy: f64) -> Piece {
        match self {
            Piece::Line(end) => Piece::Line(end.moved(dx, dy)),
            Piece::Cubic(a, b, end) => Piece::Cubic(a.moved(dx, dy), b.moved(dx, dy), end.moved(dx, dy)),
        }
    }
}

impl Curve {
    pub fn new(start: Point) -> Curve {
        Curve {
            start,
            pieces: Vec::new(),
        }
    }

    pub fn end(&self) -> Point {
        self.pieces.last().map_or(self.start, |piece| piece.end())
    }

    /// Straight on to `end`; nothing when the curve is there already.
    pub fn line_to(&mut self, end: Point) {
        if self.end() != end {
            self.pieces.push(Piece::Line(end));
        }
    }

    /// To `end`, level at both ends. Between two columns it never leaves the gap between them.
    pub fn ease_to(&mut self, end: Point) {
        let start = self.end();
        let middle = (start.x + end.x) / 2.0;
        self.pieces.push(Piece::Cubic(
            Point::new(middle, start.y),
            Point::new(middle, end.y),
            end,
        ));
    }

    /// To `end` and facing the other way there, through a bow that reaches `reach` sideways.
    pub fn turn_to(&mut self, end: Point, reach: f64) {
        let start = self.end();
        self.pieces
            .push(Piece::Cubic(start.moved(reach, 0.0), end.moved(reach, 0.0), end));
    }

    pub fn moved(&self, dx: f64, dy: f64) -> Curve {
        Curve {
            start: self.start.moved(dx, dy),
            pieces: self.pieces.iter().map(|piece| piece.moved(dx, dy)).collect(),
        }
    }

    /// Each piece with the point where it begins.
    pub fn pieces_from(&self) -> impl Iterator<Item = (Point, Piece)> + '_ {
        let starts = std::iter::once(self.start).chain(self.pieces.iter().map(|piece| piece.end()));
        starts.zip(self.pieces.iter().copied())
    }

    /// The curve as short straight lines.
    pub fn segments(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        self.pieces_from().flat_map(|(start, piece)| {
            let steps = match piece {
                Piece::Line(_) => 1,
                Piece::Cubic(..) => STEPS,
            };
            (0..steps).map(move |step| {
                let from = piece.at(start, step as f64 / steps as f64);
                (from, piece.at(start, (step + 1) as f64 / steps as f64))
            })
        })
    }

    /// The smallest box around the line.
    pub fn bounds(&self) -> Rect {
        let spot = |point: Point| Rect {
            x: point.x,
            y: point.y,
            ..Rect::default()
        };
        self.segments()
            .fold(spot(self.start), |bounds, (_, end)| bounds.union(spot(end)))
    }

    /// The value of an SVG path's `d`.
    pub fn to_svg(&self) -> String {
        let mut path = format!("M{:.1} {:.1}", self.start.x, self.start.y);
        for piece in &self.pieces {
            // Writing to a String cannot fail.
            let _ = match piece {
                Piece::Line(end) => write!(path, "L{:.1} {:.1}", end.x, end.y),
                Piece::Cubic(a, b, end) => {
                    write!(
                        path,
                        "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                        a.x, a.y, b.x, b.y, end.x, end.y
                    )
                }
            };
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eased_piece_stays_between_its_ends() {
        let mut curve = Curve::new(Point::new(0.0, 0.0));
        curve.ease_to(Point::new(60.0, 400.0));
        for (a, b) in curve.segments() {
            assert!(b.x >= a.x && b.y >= a.y && b.x <= 60.0 && b.y <= 400.0);
        }
    }

    #[test]
    fn a_turn_reaches_three_quarters_of_its_reach() {
        let mut curve = Curve::new(Point::new(10.0, 0.0));
        curve.turn_to(Point::new(10.0, 40.0), 32.0);
        assert_eq!(curve.bounds().right(), 10.0 + 24.0);
    }

    #[test]
    fn svg_text_names_every_piece() {
        let mut curve = Curve::new(Point::new(0.0, 1.0));
        curve.line_to(Point::new(0.0, 1.0));
        curve.line_to(Point::new(5.0, 1.0));
        curve.ease_to(Point::new(15.0, 3.0));
        assert_eq!(curve.to_svg(), "M0.0 1.0L5.0 1.0C10.0 1.0 10.0 3.0 15.0 3.0");
    }
}
