//! One picture of the graph: lines first, boxes over them, labels last; only what the window shows.

use std::collections::HashMap;

use brokerscope_figures::layout::{Drawing, Reach, Rect, Route, Size, Viewport};
use web_sys::CanvasRenderingContext2d as Context;

use super::paint_boxes::paint_box;
use super::paint_lines::{paint_label, paint_line};
use super::paint_names::paint_names;
use super::palette::Palette;
use super::scene::Scene;

/// How much can be told at a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Coloured boxes, and the names of those that need a person.
    Shapes,
    /// Names, larger than life.
    Names,
    Everything,
}

impl Detail {
    pub fn at(scale: f64) -> Detail {
        match scale {
            s if s < 0.33 => Detail::Shapes,
            s if s < 0.58 => Detail::Names,
            _ => Detail::Everything,
        }
    }
}

/// What a person points at, has chosen and is looking for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Emphasis {
    pub hovered: Option<i64>,
    pub hovered_line: Option<usize>,
    pub chosen: Option<i64>,
    /// Where the arrow keys are, while they are used.
    pub cursor: Option<i64>,
    /// What the chosen (or hovered) one's messages pass through.
    pub reach: Option<(i64, Reach)>,
    /// Found by the search; `None` while nothing is searched.
    pub found: Option<Vec<i64>>,
}

impl Emphasis {
    /// Whether a box is in the background now.
    pub fn dims(&self, id: i64) -> bool {
        if let Some(found) = &self.found {
            return !found.contains(&id);
        }
        self.reach
            .as_ref()
            .is_some_and(|(center, reach)| *center != id && !reach.holds_node(id))
    }

    /// Whether a line is in the background now.
    pub fn dims_line(&self, from: i64, to: i64) -> bool {
        if self.found.is_some() {
            return true;
        }
        self.reach
            .as_ref()
            .is_some_and(|(center, reach)| !reach.holds_edge(*center, from, to))
    }
}

/// All that a picture depends on.
#[derive(Debug)]
pub struct Picture<'a> {
    pub scene: &'a Scene,
    pub drawing: &'a Drawing,
    pub view: Viewport,
    pub window: Size,
    /// Pixels of the screen per pixel of the page.
    pub density: f64,
    pub emphasis: &'a Emphasis,
}

const BACKGROUND: f64 = 0.24;

pub fn paint(context: &Context, palette: &Palette, picture: &Picture) {
    let Picture {
        view, window, density, ..
    } = *picture;
    let _ = context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, window.width, window.height);
    let scale = view.scale * density;
    let _ = context.set_transform(scale, 0.0, 0.0, scale, view.offset.x * density, view.offset.y * density);
    let detail = Detail::at(view.scale);
    let seen = view.visible(window).grown(24.0);
    paint_lines(context, palette, picture, seen, detail);
    paint_boxes(context, palette, picture, seen, detail);
    match detail {
        Detail::Everything => paint_labels(context, palette, picture, seen),
        Detail::Names => {}
        Detail::Shapes => paint_names(context, palette, picture),
    }
    context.set_global_alpha(1.0);
}

fn paint_lines(context: &Context, palette: &Palette, picture: &Picture, seen: Rect, detail: Detail) {
    let emphasis = picture.emphasis;
    for route in &picture.drawing.edges {
        if !seen.overlaps(extent(route)) {
            continue;
        }
        let Some(strand) = picture.scene.strands.get(route.edge) else {
            continue;
        };
        let dim = emphasis.dims_line(strand.from, strand.to);
        context.set_global_alpha(if dim { BACKGROUND } else { 0.85 });
        let lifted = emphasis.hovered_line == Some(route.edge);
        paint_line(context, palette, strand, route, lifted, detail);
    }
}

/// Where a line can be: cheaper than its exact bounds, and never smaller.
fn extent(route: &Route) -> Rect {
    let spot = |x: f64, y: f64| Rect {
        x,
        y,
        width: 0.1,
        height: 0.1,
    };
    let start = spot(route.curve.start.x, route.curve.start.y);
    let all = route.curve.pieces.iter().fold(start, |all, piece| {
        let end = piece.end();
        all.union(spot(end.x, end.y))
    });
    all.grown(48.0)
}

fn paint_boxes(context: &Context, palette: &Palette, picture: &Picture, seen: Rect, detail: Detail) {
    for placed in &picture.drawing.nodes {
        if !seen.overlaps(placed.rect) {
            continue;
        }
        let Some(item) = picture.scene.item(placed.id) else {
            continue;
        };
        context.set_global_alpha(if picture.emphasis.dims(item.id) {
            BACKGROUND
        } else {
            1.0
        });
        paint_box(
            context,
            palette,
            item,
            placed.rect,
            picture.emphasis,
            detail,
            picture.view.scale,
        );
    }
}

fn paint_labels(context: &Context, palette: &Palette, picture: &Picture, seen: Rect) {
    let places: HashMap<usize, Rect> = picture
        .drawing
        .edges
        .iter()
        .filter_map(|route| Some((route.edge, route.label?)))
        .collect();
    for (index, strand) in picture.scene.strands.iter().enumerate() {
        let (Some(place), Some(label)) = (places.get(&index), strand.label()) else {
            continue;
        };
        if !seen.overlaps(*place) || picture.emphasis.dims_line(strand.from, strand.to) {
            continue;
        }
        context.set_global_alpha(1.0);
        paint_label(context, palette, &label, *place);
    }
}
