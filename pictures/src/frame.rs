//! What stands around the line: the title, the sentence, the axes with their units.

use brokerscope_contract::Unit;
use brokerscope_figures::format;
use brokerscope_figures::ticks::time_marks;

use crate::PictureError;
use crate::canvas::{Canvas, Side, Words};
use crate::draw::{Field, HEIGHT, WIDTH};
use crate::look::{AXIS, BODY, GRID, MUTED, SMALL, TEXT, TITLE, colour_of};
use crate::plot::Plot;

/// From the picture's edges.
const MARGIN: f64 = 28.0;

/// What fired, on what, and the sentence that says why.
pub fn head(canvas: &Canvas<'_>, plot: &Plot<'_>) -> Result<(), PictureError> {
    let bold = Words {
        size: TITLE,
        bold: true,
        colour: TEXT,
    };
    let plain = Words {
        size: BODY,
        bold: false,
        colour: MUTED,
    };
    let (left, right) = (MARGIN, f64::from(WIDTH) - MARGIN);
    // The severity as a colour and, in the sentence, in words.
    canvas.rectangle(((0.0, 0.0), (6.0, f64::from(HEIGHT))), colour_of(plot.severity), 1.0)?;
    let title = canvas.fitted(plot.title, (right - left) * 0.6, bold)?;
    canvas.write(&title, (left, 34.0), Side::Right, bold)?;
    let room = right - left - canvas.width_of(&title, bold)? - 24.0;
    let subject = canvas.fitted(plot.subject, room, plain)?;
    canvas.write(&subject, (right, 36.0), Side::Left, plain)?;
    let sentence = canvas.fitted(plot.sentence, right - left, plain)?;
    canvas.write(&sentence, (left, 68.0), Side::Right, plain)
}

pub fn axes(canvas: &Canvas<'_>, field: &Field, plot: &Plot<'_>) -> Result<(), PictureError> {
    let words = Words {
        size: SMALL,
        bold: false,
        colour: MUTED,
    };
    for mark in &field.axis.marks {
        let y = field.y.at(*mark);
        let colour = if *mark == 0.0 { AXIS } else { GRID };
        canvas.stroke(&[(field.left, y), (field.right, y)], colour, 1.0)?;
        canvas.write(&value(plot, *mark), (field.left - 10.0, y), Side::Left, words)?;
    }
    let unit = unit(plot);
    canvas.write(unit, (MARGIN, field.top - 18.0), Side::Right, words)?;
    let y = field.bottom + 20.0;
    for mark in time_marks(plot.from.0, plot.to.0, 8) {
        let x = field.x.at(mark.at as f64);
        canvas.stroke(&[(x, field.bottom), (x, field.bottom + 5.0)], AXIS, 1.0)?;
        // A label at the very edge would be cut.
        let fits = x - field.left > 16.0 && field.right - x > 60.0;
        if fits {
            canvas.write(&mark.label, (x, y), Side::Middle, words)?;
        }
    }
    canvas.write("UTC", (field.right, y), Side::Left, words)
}

/// A value as it is written in a sentence, in full.
pub fn written(plot: &Plot<'_>, threshold: f64) -> String {
    match (plot.line.unit, plot.line.per_second) {
        (Unit::Messages | Unit::Count | Unit::Offset, false) => format::count(threshold),
        (Unit::Seconds, false) => format::duration(threshold),
        _ => value(plot, threshold),
    }
}

/// A value of the axis, short.
fn value(plot: &Plot<'_>, value: f64) -> String {
    let line = plot.line;
    match (line.unit, line.per_second) {
        (Unit::Bytes, false) => format::bytes(value),
        (Unit::Bytes, true) => format!("{}/s", format::bytes(value)),
        (Unit::Seconds, false) => format::duration_short(value),
        (Unit::Ratio, false) => format::percent(value),
        (_, true) => format::rate(value),
        (Unit::Messages | Unit::Count | Unit::Offset, false) => format::short(value),
    }
}

/// What is counted, above the axis.
fn unit(plot: &Plot<'_>) -> &'static str {
    match (plot.line.unit, plot.line.per_second) {
        (Unit::Messages, false) => "messages",
        (Unit::Messages, true) => "messages a second",
        (Unit::Bytes, false) => "size",
        (Unit::Bytes, true) => "size a second",
        (Unit::Seconds, false) => "time",
        (Unit::Seconds, true) => "seconds a second",
        (Unit::Count, false) => "number",
        (Unit::Count, true) => "number a second",
        (Unit::Ratio, _) => "share",
        (Unit::Offset, false) => "position",
        (Unit::Offset, true) => "messages a second",
    }
}
