//! How the services speak to the broker: as ordinary Kafka clients, tuned to be small.

mod connect;
mod delivery;
mod outbox;
mod reader;
mod received;
mod spans;

pub use connect::{CARELESS_PRODUCER, Joined, Quiet, admin, careless_producer, consumer, end, end_producer, producer};
pub use outbox::{Outbox, Sending};
pub use reader::{Handler, Reading, Trouble, read};
pub use received::{Received, header};
