//! Points, sizes and boxes, in the drawing's own pixels; y grows downwards.

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// An axis-parallel box by its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Point {
    pub fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    pub fn moved(self, dx: f64, dy: f64) -> Point {
        Point::new(self.x + dx, self.y + dy)
    }

    pub fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl Rect {
    /// The box of this size around `center`.
    pub fn around(center: Point, size: Size) -> Rect {
        Rect {
            x: center.x - size.width / 2.0,
            y: center.y - size.height / 2.0,
            width: size.width,
            height: size.height,
        }
    }

    pub fn right(self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(self) -> f64 {
        self.y + self.height
    }

    pub fn center(self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    pub fn moved(self, dx: f64, dy: f64) -> Rect {
        Rect {
            x: self.x + dx,
            y: self.y + dy,
            ..self
        }
    }

    /// This box with `by` more on every side.
    pub fn grown(self, by: f64) -> Rect {
        Rect {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
        }
    }

    pub fn contains(self, point: Point) -> bool {
        point.x >= self.x && point.x <= self.right() && point.y >= self.y && point.y <= self.bottom()
    }

    /// Whether the two share an area; touching sides do not count.
    pub fn overlaps(self, other: Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// The smallest box that holds both.
    pub fn union(self, other: Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Rect {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }

    /// Whether the straight line from `a` to `b` passes through the inside (Liang-Barsky clipping).
    pub fn crossed_by(self, a: Point, b: Point) -> bool {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let sides = [
            (-dx, a.x - self.x),
            (dx, self.right() - a.x),
            (-dy, a.y - self.y),
            (dy, self.bottom() - a.y),
        ];
        for (slope, room) in sides {
            if slope == 0.0 {
                if room <= 0.0 {
                    return false;
                }
            } else if slope < 0.0 {
                enter = enter.max(room / slope);
            } else {
                leave = leave.min(room / slope);
            }
        }
        enter < leave
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect {
        x: 0.0,
        y: 0.0,
        width: 10.0,
        height: 4.0,
    };

    #[test]
    fn a_line_crosses_only_the_boxes_it_passes_through() {
        for (ax, ay, bx, by, crosses) in [
            (-5.0, 2.0, 15.0, 2.0, true),
            (3.0, 1.0, 4.0, 2.0, true),
            (-5.0, -1.0, 15.0, -1.0, false),
            (-5.0, 0.0, 15.0, 0.0, false),
            (-5.0, 2.0, -1.0, 2.0, false),
            (-1.0, 3.0, 3.0, 7.0, false),
            (5.0, -5.0, 5.0, 9.0, true),
        ] {
            let (a, b) = (Point::new(ax, ay), Point::new(bx, by));
            assert_eq!(BOX.crossed_by(a, b), crosses, "{a:?} to {b:?}");
            assert_eq!(BOX.crossed_by(b, a), crosses, "{b:?} to {a:?}");
        }
    }

    #[test]
    fn boxes_that_touch_do_not_overlap() {
        assert!(BOX.overlaps(BOX.moved(9.0, 3.0)));
        assert!(!BOX.overlaps(BOX.moved(10.0, 0.0)));
        assert!(!BOX.overlaps(BOX.moved(0.0, -4.0)));
    }
}
