//! Names of what needs a person, written over a graph that is too small for names.

use brokerscope_contract::Status;
use brokerscope_figures::layout::{Point, Rect, Size, free_places};
use web_sys::CanvasRenderingContext2d as Context;

use super::paint::Picture;
use super::palette::Palette;
use super::placing::{NAME_LEFT, NAME_RIGHT, fitted};
use super::scene::Item;

/// On the screen: the size of the letters, the width of one, and how far above its box a name stands.
const SIZE: f64 = 10.0;
const LETTER: f64 = 6.0;
const ABOVE: f64 = 7.0;
/// The longest name, in letters.
const LONGEST: f64 = 20.0;

/// Written in pixels of the screen, the worst first; where two would touch the second is left out.
pub fn paint_names(context: &Context, palette: &Palette, picture: &Picture) {
    let mut named: Vec<(&Item, String, Rect)> = picture
        .drawing
        .nodes
        .iter()
        .filter_map(|placed| {
            let item = picture.scene.item(placed.id)?;
            let wanted = item.status >= Status::Warning && !picture.emphasis.dims(item.id);
            let over = Point::new(placed.rect.center().x, placed.rect.y);
            wanted.then(|| place(item, picture.view.to_screen(over), picture.window))
        })
        .collect();
    named.sort_by_key(|(item, ..)| std::cmp::Reverse(item.status));
    let free = free_places(&named.iter().map(|(.., place)| *place).collect::<Vec<_>>());
    let density = picture.density;
    let _ = context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
    context.set_global_alpha(1.0);
    context.set_font(&format!("500 {SIZE}px {}", palette.mono));
    context.set_text_align("center");
    context.set_text_baseline("middle");
    context.set_line_join("round");
    for (item, name, place) in free.into_iter().map(|at| &named[at]) {
        let at = place.center();
        // A rim in the colour of the ground, so that lines below do not cross the letters.
        context.set_line_width(4.0);
        context.set_stroke_style_str(&palette.raised);
        let _ = context.stroke_text(name, at.x, at.y);
        context.set_fill_style_str(palette.status(item.status));
        let _ = context.fill_text(name, at.x, at.y);
    }
}

/// The shortened name and its place on the screen, kept inside the window.
fn place(item: &Item, over: Point, window: Size) -> (&Item, String, Rect) {
    let name = fitted(&item.name, NAME_LEFT + NAME_RIGHT + LONGEST * super::placing::LETTER);
    let width = name.chars().count() as f64 * LETTER + 4.0;
    let left = (over.x - width / 2.0).min(window.width - width).max(0.0);
    let place = Rect {
        x: left,
        y: over.y - ABOVE - SIZE / 2.0,
        width,
        height: SIZE + 1.0,
    };
    (item, name, place)
}
