//! Functions, and the sources and sinks of Pulsar IO, as the functions worker tells of them.
//!
//! [`ask`] asks, [`memory`] decides what is due and keeps the answers, [`map`] makes entities and edges of them, [`state`]
//! health checks. A broker without a worker is asked once in a while whether it has got one.

mod ask;
mod hidden;
#[cfg(test)]
mod live_tests;
mod map;
mod memory;
mod probe;
mod state;
#[cfg(test)]
mod tests;
mod warnings;
mod wire;

pub use map::map;
pub use memory::{Functions, Id};
pub use probe::probe;
pub use state::results;

/// What a worker runs. Names are unique in a namespace over all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Function,
    Source,
    Sink,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Function, Kind::Source, Kind::Sink];

    /// In paths of the admin API, in permissions, and for people.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Function => "functions",
            Kind::Source => "sources",
            Kind::Sink => "sinks",
        }
    }

    pub fn singular(self) -> &'static str {
        match self {
            Kind::Function => "function",
            Kind::Source => "source",
            Kind::Sink => "sink",
        }
    }
}
