//! Asks brokers in Kafka's own protocol, on connections of its own: everything but the list of topics and brokers.
//!
//! Librdkafka has calls for most of it, and they must not be used: what it asks of a group's coordinator aborts the
//! whole process when the answer comes after the timeout or the connection breaks in the wrong moment (librdkafka's
//! issues 4605 and 5040, open in 2.12). They are slow as well, one or two requests for each group, where the protocol
//! takes a hundred groups at once, and its binding to Rust wraps none of them. For sizes on disk and the controllers'
//! quorum it has no call at all.
//!
//! - [`groups`], [`topics`], [`cluster`]: what can be asked, by subject
//! - [`lanes`]: questions to one broker one after the other, so that one that is silent holds up nobody else
//! - [`pool`], [`connection`], [`tls`], [`login`], [`scram`]: the way to a broker
//! - [`calls`], [`codec`]: requests and answers as bytes
//!
//! What only the other client can do (an encrypted key in an old format) is a named absence here.

mod calls;
mod cluster;
mod codec;
mod connection;
mod groups;
mod lanes;
mod login;
mod pool;
mod scram;
mod tls;
mod topics;

use std::time::Duration;

use self::pool::Pool;
pub use self::tls::objection;
use super::config::Config;
use super::wire::{Broker, Trouble};

/// Answers by the name of the group or topic.
pub type Named<T> = Vec<(String, Result<T, Trouble>)>;

/// Asks all brokers of one cluster.
pub struct Direct {
    pool: Pool,
}

impl Direct {
    pub fn new(config: Config) -> Direct {
        Direct {
            pool: Pool::new(config),
        }
    }

    /// Closes its connections; the next question opens new ones.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Requests sent and bytes received since the last call.
    pub fn take_cost(&self) -> (u32, u64) {
        self.pool.take_cost()
    }
}

/// Brokers that are tried with a question that any of them can answer.
const MOST_TURNS: usize = 3;

/// The brokers to try one after the other, and how long each, so that all of it is done within `patience`.
fn turns(brokers: &[Broker], patience: Duration) -> impl Iterator<Item = (&Broker, Duration)> {
    let tried = brokers.get(..MOST_TURNS).unwrap_or(brokers);
    let each = patience / u32::try_from(tried.len()).unwrap_or(1).max(1);
    tried.iter().map(move |broker| (broker, each))
}
