//! Where the graph is looked at from, and the short way from one view to the next.

use crate::reactive::effect;
use brokerscope_figures::layout::{Point, Rect, Size, Viewport};
use leptos::prelude::*;

/// A view moves this long when it is moved for the reader.
const MILLIS: f64 = 160.0;
/// Around everything when all is shown.
const MARGIN: f64 = 28.0;
/// Kept free below for the buttons.
const BUTTONS: f64 = 44.0;
/// So much of the drawing stays in the window.
const KEEP: f64 = 60.0;
/// One press of a zoom key or button.
const STEP: f64 = 1.3;

#[derive(Debug, Clone, Copy)]
pub struct Camera {
    view: RwSignal<Viewport>,
    window: Signal<Size>,
    bounds: Signal<Rect>,
    /// Nobody has moved the view: it may follow what is drawn.
    untouched: RwSignal<bool>,
    /// Counts the journeys: a new one ends the one before.
    journey: StoredValue<u32>,
}

impl Camera {
    pub fn new(window: Signal<Size>, bounds: Signal<Rect>) -> Camera {
        let camera = Camera {
            view: RwSignal::default(),
            window,
            bounds,
            untouched: RwSignal::new(true),
            journey: StoredValue::new(0),
        };
        effect(move || {
            let (window, bounds) = (window.get(), bounds.get());
            if camera.untouched.get_untracked() && window.width > 0.0 && bounds.width > 0.0 {
                camera.view.set(whole(bounds, window));
            }
        });
        camera
    }

    pub fn view(self) -> Viewport {
        self.view.get()
    }

    pub fn view_untracked(self) -> Viewport {
        self.view.get_untracked()
    }

    /// The point of the drawing under a point of the window.
    pub fn to_world(self, point: Point) -> Point {
        self.view_untracked().to_world(point)
    }

    /// Everything, in the middle; from now on the view follows what is drawn.
    pub fn fit(self) {
        self.travel(Viewport::fit(
            self.bounds.get_untracked(),
            self.window.get_untracked(),
            MARGIN,
            1.0,
        ));
        self.untouched.set(true);
    }

    pub fn pan(self, dx: f64, dy: f64) {
        self.set(self.view_untracked().panned(dx, dy));
    }

    pub fn zoom_at(self, anchor: Point, factor: f64) {
        self.set(self.view_untracked().zoomed(anchor, factor));
    }

    pub fn pinch(self, before: [Point; 2], after: [Point; 2]) {
        self.set(self.view_untracked().pinched(before, after));
    }

    /// One step closer or further, around the middle.
    pub fn step(self, closer: bool) {
        let window = self.window.get_untracked();
        let middle = Point::new(window.width / 2.0, window.height / 2.0);
        let factor = if closer { STEP } else { 1.0 / STEP };
        self.untouched.set(false);
        self.travel(self.view_untracked().zoomed(middle, factor));
    }

    /// Brings a box into the window, as large as can be read.
    pub fn reveal(self, rect: Rect) {
        let (view, window) = (self.view_untracked(), self.window.get_untracked());
        if window.width <= 0.0 {
            return;
        }
        let readable = if view.scale < 0.6 { 0.9 / view.scale } else { 1.0 };
        let at = view.to_screen(rect.center());
        let next = view.zoomed(at, readable).revealing(rect, window, 70.0);
        if next != view {
            self.untouched.set(false);
            self.travel(next);
        }
    }

    fn set(self, view: Viewport) {
        self.untouched.set(false);
        self.journey.update_value(|journey| *journey += 1);
        self.view
            .set(view.held(self.bounds.get_untracked(), self.window.get_untracked(), KEEP));
    }

    fn travel(self, to: Viewport) {
        self.journey.update_value(|journey| *journey += 1);
        if reduced_motion() {
            self.view.set(to);
            return;
        }
        let from = self.view_untracked();
        let start = now();
        self.frame(self.journey.get_value(), from, to, start);
    }

    fn frame(self, journey: u32, from: Viewport, to: Viewport, start: f64) {
        request_animation_frame(move || {
            if self.journey.try_get_value() != Some(journey) {
                return;
            }
            let t = ((now() - start) / MILLIS).clamp(0.0, 1.0);
            self.view.set(between(from, to, 1.0 - (1.0 - t).powi(3)));
            if t < 1.0 {
                self.frame(journey, from, to, start);
            }
        });
    }
}

/// All of the drawing, above the buttons.
fn whole(bounds: Rect, window: Size) -> Viewport {
    let free = Size {
        height: (window.height - BUTTONS).max(1.0),
        ..window
    };
    Viewport::fit(bounds, free, MARGIN, 1.0)
}

fn between(from: Viewport, to: Viewport, t: f64) -> Viewport {
    let mix = |a: f64, b: f64| a + (b - a) * t;
    Viewport {
        scale: mix(from.scale, to.scale),
        offset: Point::new(mix(from.offset.x, to.offset.x), mix(from.offset.y, to.offset.y)),
    }
}

fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

fn reduced_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    query.is_some_and(|query| query.matches())
}
