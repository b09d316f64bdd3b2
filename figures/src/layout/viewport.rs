//! How the drawing is looked at: its scale and where it lies in the window.

use super::{Point, Rect, Size};

/// From the drawing to the window: `screen = world * scale + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    pub scale: f64,
    pub offset: Point,
}

impl Default for Viewport {
    fn default() -> Viewport {
        Viewport {
            scale: 1.0,
            offset: Point::default(),
        }
    }
}

impl Viewport {
    pub const SMALLEST: f64 = 0.03;
    pub const LARGEST: f64 = 3.0;

    /// Shows all of `bounds` in the middle of the window, never larger than `largest`.
    pub fn fit(bounds: Rect, window: Size, margin: f64, largest: f64) -> Viewport {
        let room = |window: f64| (window - 2.0 * margin).max(1.0);
        let scale = (room(window.width) / bounds.width.max(1.0))
            .min(room(window.height) / bounds.height.max(1.0))
            .clamp(Viewport::SMALLEST, largest);
        let center = bounds.center();
        Viewport {
            scale,
            offset: Point::new(
                window.width / 2.0 - center.x * scale,
                window.height / 2.0 - center.y * scale,
            ),
        }
    }

    pub fn to_screen(self, world: Point) -> Point {
        Point::new(
            world.x * self.scale + self.offset.x,
            world.y * self.scale + self.offset.y,
        )
    }

    pub fn to_world(self, screen: Point) -> Point {
        Point::new(
            (screen.x - self.offset.x) / self.scale,
            (screen.y - self.offset.y) / self.scale,
        )
    }

    pub fn panned(self, dx: f64, dy: f64) -> Viewport {
        Viewport {
            offset: self.offset.moved(dx, dy),
            ..self
        }
    }

    /// Scaled by `factor` within the limits; what is under `anchor` stays under it.
    pub fn zoomed(self, anchor: Point, factor: f64) -> Viewport {
        let scale = (self.scale * factor).clamp(Viewport::SMALLEST, Viewport::LARGEST);
        let world = self.to_world(anchor);
        Viewport {
            scale,
            offset: Point::new(anchor.x - world.x * scale, anchor.y - world.y * scale),
        }
    }

    /// Two fingers that moved from `before` to `after`: pans and zooms so that both stay on what they hold.
    pub fn pinched(self, before: [Point; 2], after: [Point; 2]) -> Viewport {
        let middle = |pair: [Point; 2]| Point::new((pair[0].x + pair[1].x) / 2.0, (pair[0].y + pair[1].y) / 2.0);
        let (from, to) = (middle(before), middle(after));
        let apart = before[0].distance(before[1]).max(1.0);
        self.panned(to.x - from.x, to.y - from.y)
            .zoomed(to, after[0].distance(after[1]) / apart)
    }

    /// The least move after which `rect` is in the window with `margin` around it; its middle if it is too large.
    pub fn revealing(self, rect: Rect, window: Size, margin: f64) -> Viewport {
        let from = self.to_screen(Point::new(rect.x, rect.y));
        let to = self.to_screen(Point::new(rect.right(), rect.bottom()));
        self.panned(
            move_inside(from.x, to.x, window.width, margin),
            move_inside(from.y, to.y, window.height, margin),
        )
    }

    /// The part of the drawing that the window shows.
    pub fn visible(self, window: Size) -> Rect {
        let corner = self.to_world(Point::default());
        Rect {
            x: corner.x,
            y: corner.y,
            width: window.width / self.scale,
            height: window.height / self.scale,
        }
    }

    /// Moved back so far that at least `keep` pixels of the drawing stay in the window.
    pub fn held(self, bounds: Rect, window: Size, keep: f64) -> Viewport {
        let from = self.to_screen(Point::new(bounds.x, bounds.y));
        let to = self.to_screen(Point::new(bounds.right(), bounds.bottom()));
        let back = |from: f64, to: f64, window: f64| (keep - to).max(0.0) + (window - keep - from).min(0.0);
        self.panned(back(from.x, to.x, window.width), back(from.y, to.y, window.height))
    }
}

fn move_inside(from: f64, to: f64, window: f64, margin: f64) -> f64 {
    if to - from > window - 2.0 * margin {
        (window - from - to) / 2.0
    } else {
        (margin - from).max(0.0) + (window - margin - to).min(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Size = Size {
        width: 800.0,
        height: 600.0,
    };

    fn close(a: Point, b: Point) -> bool {
        a.distance(b) < 1e-9
    }

    #[test]
    fn fitting_shows_everything_in_the_middle() {
        let bounds = Rect {
            x: -100.0,
            y: 50.0,
            width: 3000.0,
            height: 400.0,
        };
        let view = Viewport::fit(bounds, WINDOW, 20.0, 1.0);
        assert!(close(view.to_screen(bounds.center()), Point::new(400.0, 300.0)));
        let seen = view.visible(WINDOW);
        assert!(seen.x < bounds.x && seen.right() > bounds.right());
        assert_eq!(Viewport::fit(Rect::default(), WINDOW, 20.0, 1.0).scale, 1.0);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let view = Viewport::default().panned(30.0, -10.0);
        let anchor = Point::new(200.0, 100.0);
        let world = view.to_world(anchor);
        for factor in [1.2, 0.1, 1e-9, 1e9] {
            let zoomed = view.zoomed(anchor, factor);
            assert!(close(zoomed.to_screen(world), anchor));
            assert!((Viewport::SMALLEST..=Viewport::LARGEST).contains(&zoomed.scale));
        }
    }

    #[test]
    fn both_fingers_stay_on_what_they_hold() {
        let view = Viewport::default();
        let before = [Point::new(100.0, 100.0), Point::new(200.0, 100.0)];
        let after = [Point::new(150.0, 120.0), Point::new(300.0, 120.0)];
        let pinched = view.pinched(before, after);
        for (from, to) in before.into_iter().zip(after) {
            assert!(close(pinched.to_screen(view.to_world(from)), to));
        }
    }

    #[test]
    fn revealing_moves_only_when_it_must() {
        let view = Viewport::default();
        let inside = Rect::around(
            Point::new(400.0, 300.0),
            Size {
                width: 100.0,
                height: 50.0,
            },
        );
        assert_eq!(view.revealing(inside, WINDOW, 10.0), view);
        let outside = inside.moved(500.0, 0.0);
        let moved = view.revealing(outside, WINDOW, 10.0);
        assert_eq!(moved.to_screen(Point::new(outside.right(), 0.0)).x, 790.0);
    }

    #[test]
    fn the_drawing_cannot_be_lost() {
        let bounds = Rect::around(
            Point::new(50.0, 50.0),
            Size {
                width: 100.0,
                height: 100.0,
            },
        );
        for (dx, dy) in [(-1e6, 0.0), (1e6, 0.0), (0.0, -1e6), (0.0, 1e6)] {
            let held = Viewport::default().panned(dx, dy).held(bounds, WINDOW, 40.0);
            assert!(held.visible(WINDOW).overlaps(bounds), "{held:?}");
        }
    }
}
