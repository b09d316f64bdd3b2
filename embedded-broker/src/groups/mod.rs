//! Consumer groups: members, generations and commits. Pure: no I/O, and the time is handed in.

mod assignor;
pub mod classic;
#[cfg(test)]
mod classic_tests;
mod commits;
pub mod consumer;
#[cfg(test)]
mod consumer_tests;
mod expiry;
mod group;
mod joining;
mod limits;
mod member;
mod registry;
mod subscriber;

pub use assignor::{Assignor, Share};
pub use commits::{Commit, Commits};
pub use group::{Group, Kind};
pub use limits::check_report;
pub use member::{Join, Member, Protocol};
pub use registry::Groups;
