//! How figures are said and drawn: formats, scales, chart paths and graph layout; arithmetic only.
//!
//! No other room is known here and nothing is drawn: what comes out is text, numbers and SVG path data.
//! The crate compiles natively, where it is tested, and to WebAssembly.

pub mod bars;
pub mod calendar;
pub mod crosshair;
pub mod format;
pub mod layout;
pub mod path;
pub mod range;
pub mod rows;
pub mod scale;
pub mod ticks;
