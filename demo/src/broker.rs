//! The demo's broker, and the faults that are the broker's own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use brokerscope_embedded_broker::{self as embedded, ApiKey, EmbeddedBroker, Handle, Options, ResponseError};

use crate::clients::CARELESS_PRODUCER;
use crate::faults::Fault;

/// Three nodes, as a small cluster has them.
const NODES: usize = 3;
/// The services start together, and a group that waits this long for its members begins complete.
const MEMBERS_COME_WITHIN: Duration = Duration::from_millis(300);
/// With about fifty partitions this bounds what all messages take to some 25 MB, and is minutes of the usual traffic.
const KEPT_BYTES_PER_PARTITION: u64 = 512 << 10;
/// The same for whoever else finds the broker and makes topics of his own.
const MOST_STORED_BYTES: u64 = 48 << 20;
/// The shop's own groups take some ten kilobytes.
const MOST_GROUP_BYTES: usize = 8 << 20;

/// Of the acknowledgements to the producer without idempotence.
const LOST_ONE_IN: u32 = 2;

/// Cheap to clone. It ends with the last clone, or when it is stopped.
#[derive(Clone)]
pub struct Broker {
    running: Arc<Mutex<Option<EmbeddedBroker>>>,
    handle: Handle,
    bootstrap: String,
}

impl Broker {
    pub fn start() -> Result<Broker, embedded::Error> {
        let broker = EmbeddedBroker::start(Options {
            nodes: NODES,
            retention_bytes_per_partition: KEPT_BYTES_PER_PARTITION,
            most_stored_bytes: MOST_STORED_BYTES,
            most_group_bytes: MOST_GROUP_BYTES,
            auto_create_topics: false,
            initial_rebalance_delay: MEMBERS_COME_WITHIN,
            ..Options::default()
        })?;
        Ok(Broker {
            handle: broker.handle(),
            bootstrap: broker.bootstrap_servers(),
            running: Arc::new(Mutex::new(Some(broker))),
        })
    }

    pub fn bootstrap_servers(&self) -> String {
        self.bootstrap.clone()
    }

    /// For faults that no switch has.
    #[cfg(test)]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    pub fn empty_topic(&self, topic: &str) -> Result<(), ResponseError> {
        self.handle.empty_topic(topic)
    }

    /// Does what a fault asks of the broker; most faults ask nothing.
    pub fn set(&self, fault: Fault, on: bool) -> Result<(), embedded::Error> {
        let Some(last) = self.handle.nodes().last().copied() else {
            return Ok(());
        };
        match (fault, on) {
            (Fault::NodeKilled, true) => self.handle.kill_node(last),
            (Fault::NodeKilled, false) => self.handle.restart_node(last),
            (Fault::OutOfSync, true) => {
                self.handle.shrink_isr(None, last);
                Ok(())
            }
            (Fault::OutOfSync, false) => {
                self.handle.restore_isr();
                Ok(())
            }
            (Fault::Duplicates, true) => {
                self.handle
                    .lose_answers(ApiKey::Produce, CARELESS_PRODUCER, LOST_ONE_IN);
                Ok(())
            }
            (Fault::Duplicates, false) => {
                self.handle.clear_losses();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub fn heal(&self) -> Result<(), embedded::Error> {
        self.handle.reset()
    }

    /// Ends the broker and waits for its thread.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(broker) = running {
            broker.shutdown();
        }
    }
}
