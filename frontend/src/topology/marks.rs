//! The five states as shapes on a canvas, the same as on the rest of the page.

use brokerscope_contract::Status;
use brokerscope_figures::layout::Point;
use std::f64::consts::{FRAC_PI_2, TAU};
use web_sys::CanvasRenderingContext2d as Context;

/// Half the width of a mark.
const SIZE: f64 = 5.2;

pub fn mark(context: &Context, status: Status, at: Point, colour: &str) {
    context.set_fill_style_str(colour);
    context.set_stroke_style_str(colour);
    context.set_line_width(1.6);
    context.begin_path();
    match status {
        Status::Ok => {
            let _ = context.arc(at.x, at.y, SIZE - 0.2, 0.0, TAU);
            context.fill();
        }
        Status::Warning => {
            context.move_to(at.x, at.y - SIZE - 0.3);
            context.line_to(at.x + SIZE + 0.6, at.y + SIZE - 0.6);
            context.line_to(at.x - SIZE - 0.6, at.y + SIZE - 0.6);
            context.fill();
        }
        Status::Critical => {
            let _ = context.round_rect_with_f64(at.x - SIZE + 0.2, at.y - SIZE + 0.2, 10.0, 10.0, 1.6);
            context.fill();
        }
        Status::Unknown => {
            context.move_to(at.x, at.y - SIZE);
            for (x, y) in [(SIZE, 0.0), (0.0, SIZE), (-SIZE, 0.0)] {
                context.line_to(at.x + x, at.y + y);
            }
            context.close_path();
            dashed(context, &[2.4, 1.6]);
            context.stroke();
            dashed(context, &[]);
        }
        Status::Maintenance => {
            let _ = context.arc(at.x, at.y, SIZE - 0.4, 0.0, TAU);
            context.stroke();
            context.begin_path();
            let _ = context.arc(at.x, at.y, SIZE - 0.4, FRAC_PI_2, 3.0 * FRAC_PI_2);
            context.fill();
        }
    }
}

/// Sets the dashes of the next lines; none for a whole line.
pub fn dashed(context: &Context, lengths: &[f64]) {
    let lengths: js_sys::Array = lengths
        .iter()
        .map(|length| wasm_bindgen::JsValue::from(*length))
        .collect();
    let _ = context.set_line_dash(&lengths);
}
