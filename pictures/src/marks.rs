//! What the rule makes of the line: both thresholds, and the time in which it fired.

use brokerscope_contract::{Comparison, Timestamp};
use brokerscope_figures::format;
use plotters::style::RGBColor;

use crate::PictureError;
use crate::canvas::{Canvas, Side, Words};
use crate::draw::Field;
use crate::frame::written;
use crate::look::{CLEAR, SMALL, SURFACE, colour_of};
use crate::plot::Plot;

/// Behind the line: a band for each time that it fired, and when that began.
pub fn firings(canvas: &Canvas<'_>, field: &Field, plot: &Plot<'_>) -> Result<(), PictureError> {
    let colour = colour_of(plot.severity);
    let words = words(colour);
    let mut free_from = field.left;
    for firing in plot.firings {
        let end = firing.to.unwrap_or(plot.to);
        if end < plot.from || firing.from > plot.to {
            continue;
        }
        let (left, right) = (field.across(firing.from), field.across(end));
        // However short it was, it can be seen.
        let right = right.max(left + 2.0);
        canvas.rectangle(((left, field.top), (right, field.bottom)), colour, 0.13)?;
        canvas.rectangle(((left, field.top - 4.0), (right, field.top)), colour, 1.0)?;
        let said = said(firing.from, firing.to);
        let width = canvas.width_of(&said, words)?;
        let start = left.min(field.right - width);
        if start >= free_from {
            canvas.write(&said, (start, field.top - 17.0), Side::Right, words)?;
            free_from = start + width + 12.0;
        }
    }
    Ok(())
}

fn said(from: Timestamp, to: Option<Timestamp>) -> String {
    match to {
        Some(to) => format!(
            "fired at {}, for {}",
            format::clock(from.0),
            format::duration(to.seconds_since(from))
        ),
        None => format!("fires since {}", format::clock(from.0)),
    }
}

/// Before the line: where it fires, drawn through, and where it clears, in dashes.
pub fn thresholds(canvas: &Canvas<'_>, field: &Field, plot: &Plot<'_>) -> Result<(), PictureError> {
    let threshold = plot.threshold;
    let (fires, clears) = match threshold.comparison {
        Some(Comparison::Above) => ("fires above", "clears at"),
        Some(Comparison::Below) => ("fires below", "clears at"),
        None => ("threshold", "clears at"),
    };
    // The labels stand on the outer sides of the two lines, so that they never meet.
    let outward = if threshold.comparison == Some(Comparison::Below) {
        11.0
    } else {
        -11.0
    };
    let colour = colour_of(plot.severity);
    let y = field.y.at(threshold.fire);
    canvas.stroke(&[(field.left, y), (field.right, y)], colour, 1.5)?;
    label(
        canvas,
        field,
        (fires, written(plot, threshold.fire)),
        y + outward,
        colour,
    )?;
    if let Some(clear) = threshold.clear.filter(|clear| *clear != threshold.fire) {
        let y = field.y.at(clear);
        canvas.dashes(y, (field.left, field.right), CLEAR, 1.5)?;
        label(canvas, field, (clears, written(plot, clear)), y - outward, CLEAR)?;
    }
    Ok(())
}

fn label(
    canvas: &Canvas<'_>,
    field: &Field,
    (what, number): (&str, String),
    y: f64,
    colour: RGBColor,
) -> Result<(), PictureError> {
    let (text, words, left) = (format!("{what} {number}"), words(colour), field.left + 8.0);
    // The line may run through here.
    let right = left + canvas.width_of(&text, words)?;
    canvas.rectangle(((left - 4.0, y - 8.0), (right + 4.0, y + 8.0)), SURFACE, 0.75)?;
    canvas.write(&text, (left, y), Side::Right, words)
}

fn words(colour: RGBColor) -> Words {
    Words {
        size: SMALL,
        bold: true,
        colour,
    }
}
