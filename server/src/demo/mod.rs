//! The demo shop: when it runs, the connection to its broker, and its faults.
//!
//! The shop itself is a room of its own. This one knows whether that is in the binary.

mod error;
#[cfg(not(feature = "demo"))]
#[path = "absent.rs"]
mod shop;
mod stage;

#[cfg(feature = "demo")]
use brokerscope_demo as shop;

pub use error::DemoError;
pub use stage::{Demo, Settings, When};
