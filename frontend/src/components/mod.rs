//! Small pieces that pages are made of; they take values and signals and never fetch.

mod icon;

pub use icon::{Icon, Symbol};
