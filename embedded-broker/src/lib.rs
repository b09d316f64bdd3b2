//! A broker of the Kafka protocol in memory: for the demo, and for tests of scale and faults.
//!
//! It is started inside a process, listens on ports of 127.0.0.1 that the system chooses, and is gone with the process.
//! To clients it is a cluster of a few nodes. What goes wrong in it is switched through its [`Handle`].
//!
//! Where things are: `wire` turns bytes into requests and guards the codecs; `api` answers them, one file per family,
//! from the table in `api/table.rs`; `state` is everything the broker knows, and `guarded` the one mutex around it; `log`,
//! `cluster`, `topics` and `groups` are what it consists of, pure and handed the time; `node` and `connection` are the
//! sockets; `broker` is the thread.

mod api;
mod broker;
mod clock;
mod cluster;
mod connection;
mod faults;
mod groups;
mod guarded;
mod handle;
mod log;
mod node;
mod options;
mod pose;
mod settings;
mod state;
mod topics;
mod wire;

pub use broker::EmbeddedBroker;
pub use handle::Handle;
pub use kafka_protocol::ResponseError;
pub use kafka_protocol::messages::ApiKey;
pub use options::{Error, Options};
pub use state::Stats;
