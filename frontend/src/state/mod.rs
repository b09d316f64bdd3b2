//! What outlives a page: the address, the live stream, the time range, the theme, and what was fetched before.

pub mod address;
pub mod clock;
pub mod fetched;
pub mod live;
pub mod news;
pub mod page_name;
pub mod range;
pub mod theme;

pub use address::{Address, use_address};
pub use fetched::{Fetched, fetched, fetched_moving};
pub use live::{Live, use_live};
pub use news::{News, use_news};
pub use range::{Range, use_range};
pub use theme::{Themed, use_theme};
