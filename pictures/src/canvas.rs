//! Strokes, areas and words on pixels. Everything is drawn at twice the size and then halved, which smooths each edge.

use plotters::backend::BitMapBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};

use crate::look::{FACE, faces};
use crate::{Picture, PictureError};

/// How much finer it is drawn than shown, in either direction.
const FINE: f64 = 2.0;
/// The middle of small letters lies this much of the size above the middle of the line.
const BELOW: f64 = 0.14;

/// Where words stand from the point that they are given.
#[derive(Debug, Clone, Copy)]
pub enum Side {
    /// They begin there.
    Right,
    /// They end there.
    Left,
    /// They are centred on it.
    Middle,
}

/// Words in one size, weight and colour.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub size: f64,
    pub bold: bool,
    pub colour: RGBColor,
}

/// A point in pixels of the picture, from its upper left corner.
pub type At = (f64, f64);

/// Draws on a buffer of pixels that the caller keeps.
pub struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, Shift>,
}

/// The buffer that a canvas of a picture of this size draws on.
pub fn pixels(width: u32, height: u32) -> Vec<u8> {
    vec![0; (fine(f64::from(width)) * fine(f64::from(height))) as usize * 3]
}

impl<'a> Canvas<'a> {
    pub fn new(pixels: &'a mut [u8], width: u32, height: u32, ground: RGBColor) -> Result<Canvas<'a>, PictureError> {
        if !faces() {
            return Err(PictureError::Draw("the faces cannot be read".to_owned()));
        }
        let size = (fine(f64::from(width)) as u32, fine(f64::from(height)) as u32);
        let area = BitMapBackend::with_buffer(pixels, size).into_drawing_area();
        area.fill(&ground).map_err(failed)?;
        Ok(Canvas { area })
    }

    /// A line through all points, `width` pixels wide.
    pub fn stroke(&self, points: &[At], colour: RGBColor, width: f64) -> Result<(), PictureError> {
        let style = ShapeStyle::from(&colour).stroke_width(fine(width) as u32);
        let points: Vec<(i32, i32)> = points.iter().copied().map(placed).collect();
        self.area.draw(&PathElement::new(points, style)).map_err(failed)
    }

    /// A level line in dashes.
    pub fn dashes(&self, y: f64, (from, to): (f64, f64), colour: RGBColor, width: f64) -> Result<(), PictureError> {
        const DASH: f64 = 7.0;
        const GAP: f64 = 5.0;
        let mut x = from;
        while x < to {
            self.stroke(&[(x, y), ((x + DASH).min(to), y)], colour, width)?;
            x += DASH + GAP;
        }
        Ok(())
    }

    /// What lies between the points, in a colour that lets through what is behind it.
    pub fn fill(&self, points: &[At], colour: RGBColor, share: f64) -> Result<(), PictureError> {
        let points: Vec<(i32, i32)> = points.iter().copied().map(placed).collect();
        self.area.draw(&Polygon::new(points, colour.mix(share))).map_err(failed)
    }

    pub fn rectangle(&self, (from, to): (At, At), colour: RGBColor, share: f64) -> Result<(), PictureError> {
        let corners = [placed(from), placed(to)];
        let style = colour.mix(share).filled();
        self.area.draw(&Rectangle::new(corners, style)).map_err(failed)
    }

    pub fn dot(&self, at: At, radius: f64, colour: RGBColor) -> Result<(), PictureError> {
        self.area
            .draw(&Circle::new(placed(at), fine(radius), colour.filled()))
            .map_err(failed)
    }

    /// Words whose small letters have their middle at the point's height.
    pub fn write(&self, text: &str, at: At, side: Side, words: Words) -> Result<(), PictureError> {
        let across = match side {
            Side::Right => HPos::Left,
            Side::Left => HPos::Right,
            Side::Middle => HPos::Center,
        };
        let style = words.style().pos(Pos::new(across, VPos::Center));
        let at = (at.0, at.1 + words.size * BELOW);
        self.area.draw_text(text, &style, placed(at)).map_err(failed)
    }

    /// How wide the words will be.
    pub fn width_of(&self, text: &str, words: Words) -> Result<f64, PictureError> {
        let (width, _) = self.area.estimate_text_size(text, &words.style()).map_err(failed)?;
        Ok(f64::from(width) / FINE)
    }

    /// The words as they fit, shortened in their middle: beginnings are shared, ends tell names apart.
    pub fn fitted(&self, text: &str, room: f64, words: Words) -> Result<String, PictureError> {
        let letters: Vec<char> = text.chars().collect();
        let mut kept = letters.len();
        let mut shown = text.to_owned();
        while self.width_of(&shown, words)? > room && kept > 2 {
            kept -= 1;
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            let end = &letters[letters.len() - tail..];
            shown = letters[..head].iter().chain(&['…']).chain(end).collect();
        }
        Ok(shown)
    }
}

impl Words {
    fn style(self) -> TextStyle<'static> {
        let weight = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        // All at once: a weight that is given later changes the name of the face and not the face.
        (FACE, self.size * FINE, weight).into_font().color(&self.colour)
    }
}

/// The picture that was drawn on the pixels: each of its pixels is the mean of four.
pub fn halved(pixels: &[u8], width: u32, height: u32) -> Picture {
    let row = fine(f64::from(width)) as usize * 3;
    let mut rgb = Vec::with_capacity((width * height) as usize * 3);
    for rows in pixels.chunks_exact(row * 2) {
        let (upper, lower) = rows.split_at(row);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for colour in 0..3 {
                let four = [above[colour], above[colour + 3], below[colour], below[colour + 3]];
                let sum: u16 = four.into_iter().map(u16::from).sum();
                rgb.push((sum / 4) as u8);
            }
        }
    }
    Picture { width, height, rgb }
}

fn placed((x, y): At) -> (i32, i32) {
    (fine(x) as i32, fine(y) as i32)
}

fn fine(pixels: f64) -> f64 {
    (pixels * FINE).round()
}

fn failed(error: impl std::fmt::Display) -> PictureError {
    PictureError::Draw(error.to_string())
}
