//! From bytes to requests and back: frames, the guard in front of the codecs, and answers.

mod frame;
mod guard;
mod reply;
mod request;
#[cfg(test)]
#[path = "../../tests/clients/samples.rs"]
pub mod samples;
pub mod shape;

pub use frame::{FrameError, take_frame};
pub use reply::{Reply, encode, write};
pub use request::{Incoming, RequestError, decode, open};
