//! Small pieces that pages are made of; they take values and signals and never fetch.

mod button;
mod chip;
mod dialog;
mod each;
mod empty;
mod entity_link;
mod figure;
mod icon;
mod notice;
mod prose;
mod skeleton;
mod status;
mod time;

pub use button::{Button, IconButton, Look};
pub use chip::{Chip, ChipLink};
pub use dialog::{Confirm, Dialog};
pub use each::each;
pub use empty::EmptyState;
pub use entity_link::{EntityLink, entity_href, full_name};
pub use figure::{Figure, Quantity, absence_reason};
pub use icon::{Icon, Symbol};
pub use notice::{Notice, Tone};
pub use prose::prose;
pub use skeleton::Skeleton;
pub use status::{PausedLabel, StatusMark, VerdictLabel, tone_of, word as word_of};
pub use time::{Ago, Clock, Lasting};
