//! The line itself: a stroke for each run of measured values, nothing where nothing was measured.

use brokerscope_contract::Timestamp;

use crate::PictureError;
use crate::canvas::{At, Canvas, Side, Words};
use crate::draw::Field;
use crate::look::{BODY, LINE, MUTED};
use crate::plot::Plot;

pub fn draw(canvas: &Canvas<'_>, field: &Field, plot: &Plot<'_>) -> Result<(), PictureError> {
    let runs = runs(field, plot);
    if runs.is_empty() {
        return nothing(canvas, field, plot);
    }
    let base = field.y.at(0.0);
    for run in &runs {
        match run.as_slice() {
            // Alone between two gaps.
            [only] => canvas.dot(*only, 2.5, LINE)?,
            [first, .., last] => {
                let mut under = run.clone();
                under.extend([(last.0, base), (first.0, base)]);
                canvas.fill(&under, LINE, 0.12)?;
                canvas.stroke(run, LINE, 2.0)?;
            }
            [] => {}
        }
    }
    Ok(())
}

/// The measured values one after the other, cut where one is missing.
fn runs(field: &Field, plot: &Plot<'_>) -> Vec<Vec<At>> {
    let line = plot.line;
    let mut runs: Vec<Vec<At>> = vec![Vec::new()];
    for (value, step) in line.values.iter().zip(0_i64..) {
        let at = Timestamp(line.start.0 + step * line.step_millis);
        let inside = (plot.from..=plot.to).contains(&at);
        match (value.filter(|value| inside && value.is_finite()), runs.last_mut()) {
            (Some(value), Some(run)) => run.push((field.across(at), field.y.at(value))),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// An empty chart says why it is empty.
fn nothing(canvas: &Canvas<'_>, field: &Field, plot: &Plot<'_>) -> Result<(), PictureError> {
    let words = Words {
        size: BODY,
        bold: false,
        colour: MUTED,
    };
    let text = match plot.line.absent {
        Some(reason) => format!("Nothing was measured in this span: {}.", reason.label()),
        None => "Nothing was measured in this span.".to_owned(),
    };
    let middle = ((field.left + field.right) / 2.0, (field.top + field.bottom) / 2.0);
    canvas.write(&text, middle, Side::Middle, words)
}
