//! The whole picture, from its parts.

use brokerscope_contract::Timestamp;
use brokerscope_figures::scale::{Linear, extent};
use brokerscope_figures::ticks::{Axis, Steps, value_axis};

use crate::canvas::{Canvas, halved, pixels};
use crate::plot::Plot;
use crate::{Picture, PictureError, curve, frame, look, marks};

/// Pixels; twice as wide as a chat shows it, so that it is sharp on every screen.
pub const WIDTH: u32 = 1_000;
pub const HEIGHT: u32 = 480;

/// Where the chart itself lies in the picture.
pub(crate) struct Field {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub axis: Axis,
    pub x: Linear,
    pub y: Linear,
}

impl Field {
    fn of(plot: &Plot<'_>) -> Field {
        let (left, right, top, bottom) = (92.0, f64::from(WIDTH) - 28.0, 116.0, f64::from(HEIGHT) - 48.0);
        let axis = axis(plot);
        Field {
            x: Linear::new((plot.from.0 as f64, plot.to.0 as f64), (left, right)),
            y: Linear::new((axis.low, axis.high), (bottom, top)),
            axis,
            left,
            right,
            top,
            bottom,
        }
    }

    pub fn across(&self, at: Timestamp) -> f64 {
        self.x.at(at.0 as f64).clamp(self.left, self.right)
    }
}

/// Room for all values and for both thresholds.
fn axis(plot: &Plot<'_>) -> Axis {
    let steps = match plot.line.unit {
        brokerscope_contract::Unit::Seconds if !plot.line.per_second => Steps::Seconds,
        brokerscope_contract::Unit::Messages | brokerscope_contract::Unit::Count if !plot.line.per_second => {
            Steps::Whole
        }
        _ => Steps::Decimal,
    };
    let thresholds = [Some(plot.threshold.fire), plot.threshold.clear];
    let values = plot.line.values.iter().copied().chain(thresholds).flatten();
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    // A line at the very top would be half outside.
    value_axis(low, high + (high - low.min(0.0)) * 0.08, 5, steps)
}

/// Draws it in the page's dark look.
pub fn draw(plot: &Plot<'_>) -> Result<Picture, PictureError> {
    let field = Field::of(plot);
    let mut buffer = pixels(WIDTH, HEIGHT);
    {
        let canvas = Canvas::new(&mut buffer, WIDTH, HEIGHT, look::SURFACE)?;
        frame::head(&canvas, plot)?;
        frame::axes(&canvas, &field, plot)?;
        marks::firings(&canvas, &field, plot)?;
        curve::draw(&canvas, &field, plot)?;
        marks::thresholds(&canvas, &field, plot)?;
    }
    Ok(halved(&buffer, WIDTH, HEIGHT))
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
