//! Drawing of the topology: what is shown, where it stands, and how it is painted, moved and read out.

mod camera;
mod canvas;
mod gestures;
mod keys;
mod legend;
mod marks;
mod paint;
mod paint_boxes;
mod paint_lines;
mod paint_names;
mod palette;
mod placing;
mod scene;
mod screen;
mod size;
mod strand;
#[cfg(test)]
mod testing;
mod tip;
mod words;

pub use camera::Camera;
pub use canvas::{Graph, Stage};
pub use legend::Legend;
pub use placing::Places;
pub use scene::{Item, Scene, Subject, caption_of, connection_name, title_of};
pub use size::size_of;
pub use strand::Strand;
pub use tip::labels;
pub use words::{current, evidence_words, figure_line, kind_words, rate_words};
