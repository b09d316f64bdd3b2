//! Boxes: outline, state, name and numbers.

use brokerscope_contract::Status;
use brokerscope_figures::layout::{Point, Rect};
use web_sys::CanvasRenderingContext2d as Context;

use super::marks::{dashed, mark};
use super::paint::{Detail, Emphasis};
use super::palette::Palette;
use super::placing::{LETTER, NAME_LEFT, NAME_RIGHT, fitted};
use super::scene::{Item, Look, Subject};

/// A name seen from further away: its size on the screen, at least and at best, and the largest that fits into a box.
const NAMES_LEAST: f64 = 7.6;
const NAMES_SIZE: f64 = 9.5;
const NAMES_LARGEST: f64 = 26.0;
/// Left and right of such a name together: it has the box to itself.
const NAMES_AIR: f64 = 8.0;
/// The mark of what needs a person, seen from far away.
const FAR_MARK: f64 = 4.2;
/// A letter of the words above a box, on average.
const CAPTION_LETTER: f64 = 5.4;
/// So far outside the box's edge is the middle of the mark beside a name, so that it covers no letter.
const BESIDE: f64 = 7.0;

pub fn paint_box(
    context: &Context,
    palette: &Palette,
    item: &Item,
    rect: Rect,
    emphasis: &Emphasis,
    detail: Detail,
    scale: f64,
) {
    if matches!(item.subject, Subject::Group(_)) {
        // A second edge behind it: there is more than one.
        outline(context, palette, item, rect.moved(4.0, 4.0), false, detail);
    }
    let held = emphasis.chosen == Some(item.id) || emphasis.hovered == Some(item.id);
    outline(context, palette, item, rect, held, detail);
    match detail {
        Detail::Shapes => far_mark(context, palette, item, rect.center(), FAR_MARK),
        Detail::Names => {
            names(context, palette, item, rect, scale);
            far_mark(
                context,
                palette,
                item,
                Point::new(rect.x - BESIDE, rect.center().y),
                1.8,
            );
        }
        Detail::Everything => everything(context, palette, item, rect),
    }
    if emphasis.cursor == Some(item.id) {
        ring(context, palette, item, rect);
    }
}

fn radius(look: Look, rect: Rect) -> f64 {
    match look {
        Look::Pill => rect.height / 2.0,
        Look::Sharp => 3.0,
        Look::Round => 11.0,
    }
}

fn path(context: &Context, look: Look, rect: Rect) {
    context.begin_path();
    let _ = context.round_rect_with_f64(rect.x, rect.y, rect.width, rect.height, radius(look, rect));
}

fn outline(context: &Context, palette: &Palette, item: &Item, rect: Rect, held: bool, detail: Detail) {
    let calm = matches!(item.status, Status::Ok);
    path(context, item.look, rect);
    context.set_fill_style_str(&palette.raised);
    context.fill();
    let colour = match (held, calm) {
        (true, _) => &palette.accent,
        (false, true) if detail != Detail::Shapes => &palette.line,
        _ => palette.status(item.status),
    };
    if detail == Detail::Shapes {
        // Too small for a name: the whole box takes on some of the colour.
        let alpha = context.global_alpha();
        context.set_global_alpha(alpha * 0.35);
        context.set_fill_style_str(colour);
        context.fill();
        context.set_global_alpha(alpha);
    }
    context.set_stroke_style_str(colour);
    context.set_line_width(match (held, calm, detail) {
        (.., Detail::Shapes) => 4.0,
        (true, ..) => 2.4,
        (_, true, _) => 1.0,
        (_, false, _) => 1.6,
    });
    if item.status == Status::Unknown && detail != Detail::Shapes {
        dashed(context, &[5.0, 3.0]);
    }
    context.stroke();
    dashed(context, &[]);
}

/// The keyboard's place: a ring around the box.
fn ring(context: &Context, palette: &Palette, item: &Item, rect: Rect) {
    path(context, item.look, rect.grown(4.0));
    context.set_stroke_style_str(&palette.accent);
    context.set_line_width(2.0);
    context.stroke();
}

/// The state of what is not well as a shape too, so that it does not hang on the colour alone.
fn far_mark(context: &Context, palette: &Palette, item: &Item, at: Point, factor: f64) {
    if item.status < Status::Warning {
        return;
    }
    context.save();
    let _ = context.translate(at.x, at.y);
    let _ = context.scale(factor, factor);
    mark(context, item.status, Point::default(), palette.status(item.status));
    context.restore();
}

fn names(context: &Context, palette: &Palette, item: &Item, rect: Rect, scale: f64) {
    let room = rect.width - NAMES_AIR;
    let size = names_size(item.name.chars().count(), room, scale);
    let name = fitted(&item.name, room * 12.0 / size + NAME_LEFT + NAME_RIGHT);
    let colour = match item.status {
        Status::Ok => &palette.text,
        status => palette.status(status),
    };
    write(context, &format!("500 {size}px {}", palette.mono), colour, "center");
    let center = rect.center();
    let _ = context.fill_text(&name, center.x, center.y);
}

/// Rather a smaller name than a shortened one, as long as it can be read.
fn names_size(letters: usize, room: f64, scale: f64) -> f64 {
    // A little less, so that rounding does not cut the last letter.
    let fits = 0.995 * room / letters.max(1) as f64 * 12.0 / LETTER;
    let (least, wished) = (NAMES_LEAST / scale, NAMES_SIZE / scale);
    fits.clamp(least.min(wished), wished).clamp(12.0, NAMES_LARGEST)
}

fn everything(context: &Context, palette: &Palette, item: &Item, rect: Rect) {
    let middle = rect.center().y;
    mark(
        context,
        item.status,
        Point::new(rect.x + 20.0, middle),
        palette.status(item.status),
    );
    let name = fitted(&item.name, rect.width);
    let left = rect.x + NAME_LEFT;
    let raised = if item.figures.is_empty() { 0.0 } else { -8.0 };
    write(context, &format!("500 12px {}", palette.mono), &palette.text, "left");
    let _ = context.fill_text(&name, left, middle + raised);
    if !item.figures.is_empty() {
        write(context, &format!("450 11px {}", palette.prose), &palette.muted, "left");
        let _ = context.fill_text(&item.figures, left, middle + 9.0);
    }
    write(context, &format!("450 10px {}", palette.prose), &palette.faint, "right");
    let _ = context.fill_text(&caption(item, rect.width), rect.right() - 8.0, rect.y - 7.0);
}

/// The kind; how many neighbours the focus leaves out; and where it is, as far as there is room.
fn caption(item: &Item, width: f64) -> String {
    let mut words = item.caption.clone();
    if item.hidden > 0 {
        words = format!("{words} · +{} hidden", item.hidden);
    }
    let Some(place) = &item.place else {
        return words;
    };
    let room = (width / CAPTION_LETTER) as usize;
    let left = room.saturating_sub(words.chars().count() + 3);
    match place.chars().count() {
        letters if letters <= left => format!("{place} · {words}"),
        _ if left < 4 => words,
        _ => {
            let beginning: String = place.chars().take(left - 1).collect();
            format!("{beginning}… · {words}")
        }
    }
}

fn write(context: &Context, font: &str, colour: &str, align: &str) {
    context.set_font(font);
    context.set_fill_style_str(colour);
    context.set_text_align(align);
    context.set_text_baseline("middle");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_above_a_box_name_its_connection_as_far_as_there_is_room() {
        let item = |place: &str, hidden| Item {
            id: 1,
            subject: Subject::Node(0),
            look: Look::Round,
            status: Status::Ok,
            caption: "queue".into(),
            name: "orders".into(),
            figures: String::new(),
            place: Some(place.into()).filter(|name: &String| !name.is_empty()),
            hidden,
        };
        assert_eq!(caption(&item("", 0), 132.0), "queue");
        assert_eq!(caption(&item("rabbit in Europe", 0), 132.0), "rabbit in Europe · queue");
        assert_eq!(caption(&item("rabbit in Europe", 2), 132.0), "rab… · queue · +2 hidden");
        assert_eq!(
            caption(&item("rabbit in the whole of Europe", 0), 132.0),
            "rabbit in the w… · queue"
        );
    }

    #[test]
    fn a_name_becomes_smaller_before_it_is_cut() {
        let (room, scale) = (184.0, 0.5);
        assert_eq!(names_size(5, room, scale), NAMES_SIZE / scale);
        let fitting = names_size(18, room, scale);
        assert!((fitting * 18.0 * LETTER / 12.0 - room).abs() < 1.0, "{fitting}");
        let name = "inventory-requests";
        assert_eq!(fitted(name, room * 12.0 / fitting + NAME_LEFT + NAME_RIGHT), name);
        assert_eq!(names_size(200, room, scale), NAMES_LEAST / scale);
        assert_eq!(names_size(200, room, 0.1), NAMES_LARGEST);
    }
}
