//! What pointer and keys do on a chart: move the cursor, select a stretch to zoom to, drag a threshold.

use crate::reactive::derive;
use brokerscope_figures::calendar;
use brokerscope_figures::ticks::Axis;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::Cursor;
use super::frame::{Frame, LEFT};
use super::series::{Series, Threshold};
use crate::components::Quantity;

/// A shorter drag is a press, in pixels.
const LEAST_DRAG: f64 = 6.0;
/// How near to a threshold a press takes hold of it, in pixels.
const GRIP: f64 = 8.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Drag {
    None,
    /// Selecting, from and to in pixels.
    Select(f64, f64),
    /// Moving a threshold.
    Threshold(usize),
}

#[derive(Debug, Clone, Copy)]
pub struct Gestures {
    frame: Memo<Frame>,
    series: Signal<Vec<Series>>,
    thresholds: Signal<Vec<Threshold>>,
    cursor: Cursor,
    /// The axis stands still while a threshold is dragged over it.
    held: RwSignal<Option<Axis>>,
    zoomed: Option<Callback<(i64, i64)>>,
    zoomed_out: Option<Callback<()>>,
    drag: RwSignal<Drag>,
    /// Only a cursor that was moved by keys is read out.
    by_keys: RwSignal<bool>,
}

impl Gestures {
    pub fn new(
        frame: Memo<Frame>,
        series: Signal<Vec<Series>>,
        thresholds: Signal<Vec<Threshold>>,
        cursor: Cursor,
        held: RwSignal<Option<Axis>>,
        zoomed: Option<Callback<(i64, i64)>>,
        zoomed_out: Option<Callback<()>>,
    ) -> Gestures {
        Gestures {
            frame,
            series,
            thresholds,
            cursor,
            held,
            zoomed,
            zoomed_out,
            drag: RwSignal::new(Drag::None),
            by_keys: RwSignal::new(false),
        }
    }

    /// The selected stretch in pixels, left and right.
    pub fn selection(self) -> Signal<Option<(f64, f64)>> {
        derive(move || match self.drag.get() {
            Drag::Select(a, b) if (a - b).abs() >= LEAST_DRAG => Some((a.min(b), a.max(b))),
            _ => None,
        })
    }

    pub fn down(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let (x, y) = place(event);
        if let Some(nth) = self.grip(y) {
            event.prevent_default();
            capture(event);
            self.held.set(Some(self.frame.get_untracked().axis));
            self.drag.set(Drag::Threshold(nth));
        } else if self.zoomed.is_some() && event.pointer_type() == "mouse" && x >= LEFT {
            capture(event);
            self.drag.set(Drag::Select(x, x));
        } else {
            self.point(x);
        }
    }

    pub fn moved(self, event: &PointerEvent) {
        let (x, y) = place(event);
        match self.drag.get_untracked() {
            Drag::Threshold(nth) => self.move_threshold(nth, y),
            Drag::Select(start, _) => {
                let right = self.frame.with_untracked(|frame| frame.x.to.1);
                self.drag.set(Drag::Select(start, x.clamp(LEFT, right)));
                self.point(x);
            }
            Drag::None => self.point(x),
        }
    }

    pub fn up(self, _event: &PointerEvent) {
        let drag = self.drag.get_untracked();
        self.cancel();
        if let (Drag::Select(a, b), Some(zoomed)) = (drag, self.zoomed)
            && (a - b).abs() >= LEAST_DRAG
        {
            let frame = self.frame.get_untracked();
            zoomed.run((frame.moment(a.min(b)), frame.moment(a.max(b))));
        }
    }

    pub fn cancel(self) {
        self.drag.set(Drag::None);
        self.held.set(None);
    }

    pub fn left(self, event: &PointerEvent) {
        // A finger that lifts leaves the cursor where it was, to be read.
        if self.drag.get_untracked() == Drag::None && event.pointer_type() == "mouse" {
            self.cursor.set(None);
        }
    }

    pub fn double(self) {
        if let Some(zoomed_out) = self.zoomed_out {
            zoomed_out.run(());
        }
    }

    pub fn key(self, event: &KeyboardEvent) {
        let Some(steps) = self.series.with_untracked(|series| series.first().map(Series::steps)) else {
            return;
        };
        let Some(last) = steps.len.checked_sub(1) else { return };
        let now = self.cursor.get_untracked().and_then(|at| steps.nearest(at));
        let by = if event.shift_key() { 10 } else { 1 };
        let next = match event.key().as_str() {
            "ArrowLeft" => now.map_or(last, |i| i.saturating_sub(by)),
            "ArrowRight" => now.map_or(last, |i| (i + by).min(last)),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        self.by_keys.set(true);
        self.cursor.set(Some(steps.at(next)));
    }

    /// Moment and values under the keyboard's cursor, to be read out.
    pub fn said(self, quantity: Quantity) -> Option<String> {
        let at = self.cursor.get().filter(|_| self.by_keys.get())?;
        let mut text = calendar::whole(at);
        self.series.with(|series| {
            for series in series {
                let value = series
                    .value(Some(at))
                    .map_or("no value".into(), |value| quantity.write(value));
                text.push_str(&format!(", {} {value}", series.label));
            }
        });
        Some(text)
    }

    fn point(self, x: f64) {
        self.by_keys.set(false);
        let at = self.frame.with_untracked(|frame| frame.moment(x));
        if self.cursor.get_untracked() != Some(at) {
            self.cursor.set(Some(at));
        }
    }

    /// The threshold that a press at this height takes hold of.
    fn grip(self, y: f64) -> Option<usize> {
        let frame = self.frame.get_untracked();
        self.thresholds.with_untracked(|thresholds| {
            let movable = thresholds.iter().enumerate().filter(|(_, level)| level.moved.is_some());
            movable
                .map(|(nth, level)| (nth, (frame.y.at(level.value) - y).abs()))
                .filter(|(_, distance)| *distance <= GRIP)
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map(|(nth, _)| nth)
        })
    }

    fn move_threshold(self, nth: usize, y: f64) {
        let value = self.frame.with_untracked(|frame| frame.value(y));
        let moved = self
            .thresholds
            .with_untracked(|thresholds| thresholds.get(nth).and_then(|level| level.moved));
        if let Some(moved) = moved {
            moved.run(value);
        }
    }
}

fn element(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// The place of a pointer inside the chart.
fn place(event: &PointerEvent) -> (f64, f64) {
    let Some(element) = element(event) else {
        return (0.0, 0.0);
    };
    let corner = element.get_bounding_client_rect();
    (
        f64::from(event.client_x()) - corner.left(),
        f64::from(event.client_y()) - corner.top(),
    )
}

/// Moves go on being heard when the pointer leaves the chart.
fn capture(event: &PointerEvent) {
    if let Some(element) = element(event) {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}
