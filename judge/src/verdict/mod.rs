//! Verdicts: what is wrong with each queue, topic, group, node and connection, in one sentence, without a threshold.
//!
//! A [`Window`] remembers what the last visits saw of one thing. [`queue`] and [`group`] read windows by rules in a
//! fixed order, the first rule that speaks wins; [`topic`], [`object`], [`dead_letters`] and [`checks`] judge the
//! rest. What they say is an [`Assessment`] of one visit; [`Steady`] turns a row of those into a judgement that
//! does not flap.

mod assessment;
pub mod checks;
pub mod dead_letters;
pub mod group;
mod motion;
pub mod object;
mod observation;
pub mod partition;
pub mod queue;
mod slot;
pub mod slow;
mod steady;
pub mod topic;
mod window;

pub use assessment::Assessment;
pub use motion::Motion;
pub use observation::{Late, Observation};
pub use steady::{Change, Steady};
pub use window::{Pushed, Window};
