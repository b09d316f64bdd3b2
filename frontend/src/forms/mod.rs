//! Inputs with their label, help and error, and what is typed into them as settings.

mod choice;
pub mod duration;
mod entries;
mod labelled;
pub mod number;
mod setting;
mod text;
mod unsaved;

pub use choice::{Select, Switch};
pub use entries::Entries;
pub use labelled::{Labelled, Problems};
pub use setting::SettingInput;
pub use text::{Lines, TextInput};
pub use unsaved::guard_unsaved;
