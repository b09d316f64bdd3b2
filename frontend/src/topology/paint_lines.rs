//! Lines and their labels.

use brokerscope_contract::Status;
use brokerscope_figures::layout::{Piece, Point, Rect, Route};
use web_sys::CanvasRenderingContext2d as Context;

use super::marks::dashed;
use super::paint::Detail;
use super::palette::Palette;
use super::strand::{Strand, Style};

/// What leads into another connection is two lines: so far apart, and each so wide, with the width that tells the rate
/// between them.
const GAP: f64 = 2.0;
const RAIL: f64 = 1.3;
/// Length of an arrow's head.
const ARROW: f64 = 7.0;

pub fn paint_line(context: &Context, palette: &Palette, strand: &Strand, route: &Route, lifted: bool, detail: Detail) {
    let colour = colour(palette, strand);
    context.set_stroke_style_str(colour);
    context.set_fill_style_str(colour);
    // Far away a thin line would vanish.
    let least = if detail == Detail::Shapes { 4.0 } else { 0.0 };
    let width = strand.width().max(least) + if lifted { 1.5 } else { 0.0 };
    let is_double = strand.crosses && detail != Detail::Shapes;
    context.set_line_width(if is_double { width + GAP + RAIL } else { width });
    if detail != Detail::Shapes {
        dashed(context, dashes(strand.style));
    }
    context.begin_path();
    let curve = &route.curve;
    context.move_to(curve.start.x, curve.start.y);
    for piece in &curve.pieces {
        match *piece {
            Piece::Line(end) => context.line_to(end.x, end.y),
            Piece::Cubic(a, b, end) => context.bezier_curve_to(a.x, a.y, b.x, b.y, end.x, end.y),
        }
    }
    context.stroke();
    dashed(context, &[]);
    if is_double {
        context.set_line_width(width + GAP - RAIL);
        context.set_stroke_style_str(&palette.raised);
        context.stroke();
    }
    // From left to right needs no arrow; what gives up messages and what runs back does.
    if detail != Detail::Shapes
        && (route.backwards || strand.style.course() == brokerscope_figures::layout::Course::Aside)
    {
        arrow(context, curve.end());
    }
}

/// Every line ends at the left of a box, so every arrow points to the right.
fn arrow(context: &Context, tip: Point) {
    context.begin_path();
    context.move_to(tip.x, tip.y);
    context.line_to(tip.x - ARROW, tip.y - ARROW * 0.6);
    context.line_to(tip.x - ARROW, tip.y + ARROW * 0.6);
    context.fill();
}

fn colour<'a>(palette: &'a Palette, strand: &Strand) -> &'a str {
    match (strand.style, strand.worst) {
        (Style::DeadLetter, _) => &palette.dead,
        (Style::Alternate, _) => palette.status(Status::Maintenance),
        (Style::Unseen, _) => palette.status(Status::Unknown),
        (Style::Flow, status @ (Status::Warning | Status::Critical)) => palette.status(status),
        (Style::Flow, _) => &palette.accent,
    }
}

fn dashes(style: Style) -> &'static [f64] {
    match style {
        Style::Flow => &[],
        Style::Unseen => &[4.0, 5.0],
        Style::DeadLetter => &[7.0, 5.0],
        Style::Alternate => &[9.0, 4.0, 2.0, 4.0],
    }
}

pub fn paint_label(context: &Context, palette: &Palette, label: &str, place: Rect) {
    context.set_font(&format!("500 11px {}", palette.prose));
    context.set_fill_style_str(&palette.muted);
    context.set_text_align("center");
    context.set_text_baseline("middle");
    let center = place.center();
    let _ = context.fill_text_with_max_width(label, center.x, center.y + 0.5, place.width);
}
