//! What pointers do on the graph: press, pan, pinch, point; the wheel zooms.

use brokerscope_figures::layout::Point;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, WheelEvent};

use super::camera::Camera;

/// A pointer that moves less is a press.
const SLACK: f64 = 5.0;
/// How much one pixel of the wheel zooms; a pinch on a touchpad comes in smaller steps.
const WHEEL: f64 = 0.0016;
const PINCH: f64 = 0.01;
/// Wheels that count in lines: pixels of one.
const LINE: f64 = 18.0;

#[derive(Debug, Clone, Copy)]
pub struct Gestures {
    camera: Camera,
    held: StoredValue<Vec<Held>>,
    pub dragging: RwSignal<bool>,
    /// Called with a point of the window.
    pressed: Callback<Point>,
    pointed: Callback<Option<Point>>,
}

/// A pointer that is down.
#[derive(Debug, Clone, Copy)]
struct Held {
    id: i32,
    start: Point,
    at: Point,
}

impl Gestures {
    pub fn new(camera: Camera, pressed: Callback<Point>, pointed: Callback<Option<Point>>) -> Gestures {
        Gestures {
            camera,
            held: StoredValue::default(),
            dragging: RwSignal::new(false),
            pressed,
            pointed,
        }
    }

    pub fn down(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        if let Some(element) = element(event) {
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        let at = place(event);
        self.held.update_value(|held| {
            held.retain(|other| other.id != event.pointer_id());
            held.push(Held {
                id: event.pointer_id(),
                start: at,
                at,
            });
        });
    }

    pub fn moved(self, event: &PointerEvent) {
        let at = place(event);
        let before = self.held.get_value();
        if !before.iter().any(|held| held.id == event.pointer_id()) {
            self.pointed.run(Some(at));
            return;
        }
        let after: Vec<Held> = before
            .iter()
            .map(|held| {
                if held.id == event.pointer_id() {
                    Held { at, ..*held }
                } else {
                    *held
                }
            })
            .collect();
        self.held.set_value(after.clone());
        match (before.as_slice(), after.as_slice()) {
            ([was], [is]) if self.dragging.get_untracked() || is.start.distance(is.at) > SLACK => {
                self.drag();
                self.camera.pan(is.at.x - was.at.x, is.at.y - was.at.y);
            }
            ([a, b, ..], [c, d, ..]) => {
                self.drag();
                self.camera.pinch([a.at, b.at], [c.at, d.at]);
            }
            _ => {}
        }
    }

    pub fn up(self, event: &PointerEvent) {
        let released = self.held.try_update_value(|held| {
            let place = held.iter().position(|held| held.id == event.pointer_id())?;
            Some(held.remove(place))
        });
        let last = self.held.with_value(Vec::is_empty);
        if let Some(Some(held)) = released
            && last
            && !self.dragging.get_untracked()
        {
            self.pressed.run(held.at);
        }
        if last && self.dragging.get_untracked() {
            self.dragging.set(false);
        }
    }

    pub fn cancel(self, event: &PointerEvent) {
        self.held
            .update_value(|held| held.retain(|held| held.id != event.pointer_id()));
        self.dragging.set(false);
    }

    pub fn left(self) {
        self.pointed.run(None);
    }

    pub fn wheel(self, event: &WheelEvent) {
        event.prevent_default();
        let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE {
            LINE
        } else {
            1.0
        };
        let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
        if event.shift_key() {
            self.camera.pan(-(dx + dy), 0.0);
            return;
        }
        let per_pixel = if event.ctrl_key() { PINCH } else { WHEEL };
        let Some(element) = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        let corner = element.get_bounding_client_rect();
        let at = Point::new(
            f64::from(event.client_x()) - corner.left(),
            f64::from(event.client_y()) - corner.top(),
        );
        self.camera.zoom_at(at, (-dy * per_pixel).exp());
    }

    fn drag(self) {
        if !self.dragging.get_untracked() {
            self.dragging.set(true);
            self.pointed.run(None);
        }
    }
}

fn element(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// The place of a pointer inside the element.
fn place(event: &PointerEvent) -> Point {
    let Some(element) = element(event) else {
        return Point::default();
    };
    let corner = element.get_bounding_client_rect();
    Point::new(
        f64::from(event.client_x()) - corner.left(),
        f64::from(event.client_y()) - corner.top(),
    )
}
