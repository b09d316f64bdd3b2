//! NATS' own shapes, as far as they are read: monitoring pages, JetStream's API, advisories.
//!
//! Every field may be missing: servers leave out what is zero, and older ones do not know it.

mod account;
mod clients;
mod jetstream;
mod server;

pub use account::{AccountInfo, AccountStat, AccountStatz, Refusal, ServiceStats, UserInfo};
pub use clients::{Closed, Connection, Connz, Gatewayz, Leaf, Leafz};
pub use jetstream::{
    Config, Consumer, ConsumerConfig, ConsumerPage, Group, JetStream, Limits, Origin, Stream, StreamConfig, StreamPage,
};
pub use server::{Envelope, Health, Routez, Statsz, Varz};
