//! Charts as pictures, for whoever is told about an alert and has no page open. Arithmetic only: no clock, no file.
//!
//! - `plot`: what a picture shows; `look`: its colours, sizes and faces
//! - `draw`: the picture, from its parts: `frame` (title and axes), `curve` (the line and its gaps), `marks` (thresholds
//!   and the time in which it fired)
//! - `canvas`: strokes, areas and words on pixels, twice as fine as the picture; `file`: the picture as PNG

mod canvas;
mod curve;
mod draw;
mod file;
mod frame;
mod look;
mod marks;
mod plot;

pub use draw::{HEIGHT, WIDTH, draw};
pub use file::png;
pub use plot::{Plot, Threshold};

/// Pixels of three bytes: red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
    #[error("the picture cannot be written as PNG: {0}")]
    Encode(#[from] png::EncodingError),
}
