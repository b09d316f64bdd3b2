//! One folder per broker system behind one trait, and the runner that drives them all.
//!
//! Start with [`collector`] for the trait, then [`runner`] for the loop; each system's folder has the same files.
//! The registry below is the only place that knows which systems this binary was built with.

#[cfg(any(feature = "rabbitmq", feature = "pulsar", feature = "kafka", feature = "nats"))]
pub mod addresses;
mod breaker;
#[cfg(any(feature = "aws", feature = "pubsub", feature = "pulsar", feature = "rabbitmq"))]
pub mod budget;
#[cfg(any(
    feature = "kafka",
    feature = "nats",
    feature = "rabbitmq",
    feature = "pulsar",
    feature = "pubsub"
))]
pub mod certificate;
pub mod collector;
pub mod excerpt;
pub mod given;
#[cfg(any(feature = "rabbitmq", feature = "pulsar", feature = "kafka", feature = "nats"))]
pub mod http_root;
#[cfg(any(feature = "pubsub", feature = "pulsar"))]
pub mod instants;
#[cfg(any(feature = "nats", feature = "pulsar"))]
mod jwt;
pub mod prometheus;
pub mod runner;
#[cfg(any(feature = "aws", feature = "pubsub"))]
pub mod running;
#[cfg(any(feature = "pubsub", feature = "pulsar"))]
pub mod server_clock;
#[cfg(any(feature = "rabbitmq", feature = "pulsar", feature = "nats", feature = "pubsub"))]
pub mod steps;
pub mod supervisor;
#[cfg(any(feature = "rabbitmq", feature = "pulsar", feature = "kafka"))]
pub mod tls;
#[cfg(any(feature = "kafka", feature = "rabbitmq", feature = "pulsar", feature = "pubsub"))]
mod transport;

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "pubsub")]
mod pubsub;
#[cfg(feature = "pulsar")]
mod pulsar;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;

pub use collector::{CollectError, Collector, Factory, ProbeReport};
pub use runner::{Clock, Visit};
pub use supervisor::{Supervisor, Wanted};

use brokerscope_contract::System;

/// One factory per system that this binary was built with, in the order of the "add connection" page.
pub fn factories() -> Vec<Box<dyn Factory>> {
    vec![
        #[cfg(feature = "rabbitmq")]
        Box::new(rabbitmq::RabbitMq),
        #[cfg(feature = "kafka")]
        Box::new(kafka::Kafka),
        #[cfg(feature = "pulsar")]
        Box::new(pulsar::Pulsar),
        #[cfg(feature = "nats")]
        Box::new(nats::Nats),
        #[cfg(feature = "aws")]
        Box::new(aws::Aws),
        #[cfg(feature = "pubsub")]
        Box::new(pubsub::PubSub),
    ]
}

/// The factory of `system`, unless this binary was built without it.
pub fn factory(system: System) -> Option<Box<dyn Factory>> {
    factories().into_iter().find(|factory| factory.system() == system)
}
