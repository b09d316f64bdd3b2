//! The shop as a whole: its topics, its services as tasks, and what they share. All of it runs on one thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use brokerscope_contract::api::demo::OrderTotals;
use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::KafkaError;
use rdkafka::producer::FutureProducer;
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::clients::{self, Joined, Quiet};
use crate::faults::Faults;
use crate::services;
use crate::telemetry::Tracer;
use crate::topics;

/// How long creating the topics may take.
const TOPICS_WITHIN: Duration = Duration::from_secs(10);
/// How long what is under way may take to be sent when the shop stops.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the services share.
pub struct Shop {
    pub bootstrap: String,
    pub broker: Broker,
    pub producer: FutureProducer<Quiet>,
    /// The order service's own, while the fault is on that it stands for.
    pub careless: RefCell<Option<FutureProducer<Quiet>>>,
    pub tracer: Tracer,
    pub stop: CancellationToken,
    pub joined: Arc<Joined>,
    /// Messages per second of all services together, without faults.
    pub pace: f64,
    pub faults: watch::Receiver<Faults>,
    /// How often everything was healed.
    pub resets: watch::Receiver<u64>,
    pub totals: Arc<Mutex<OrderTotals>>,
    /// Services that have ended before the shop.
    pub ended: Arc<Mutex<Vec<String>>>,
    pub started: Instant,
}

impl Shop {
    pub fn faults(&self) -> Faults {
        *self.faults.borrow()
    }

    /// The producer without idempotence, for the service that uses it just now.
    pub fn careless_producer(&self, service: &str) -> Option<FutureProducer<Quiet>> {
        self.careless.borrow().clone().filter(|_| service == services::CARELESS)
    }

    /// Time as the breaker and the ledger count it.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits until the faults are as wanted; false when the shop stops before.
    pub async fn until(&self, wanted: impl Fn(Faults) -> bool) -> bool {
        let mut faults = self.faults.clone();
        let changed = faults.wait_for(|faults| wanted(*faults));
        let changed = self.stop.run_until_cancelled(changed).await;
        changed.is_some_and(|outcome| outcome.is_ok()) && !self.stop.is_cancelled()
    }

    /// Waits; false when the shop stops before.
    pub async fn sleep(&self, time: Duration) -> bool {
        self.stop.run_until_cancelled(tokio::time::sleep(time)).await.is_some()
    }

    pub fn tell_totals(&self, totals: OrderTotals) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }

    /// Runs every service until the shop stops.
    pub async fn run(self) {
        let shop = Rc::new(self);
        let mut services = services::start(&shop);
        while let Some((service, outcome)) = services.ended().await {
            let too_early = !shop.stop.is_cancelled();
            if let Err(error) = outcome {
                tracing::error!(service, error, "a service of the demo has panicked");
            } else if too_early {
                tracing::error!(service, "a service of the demo has ended");
            }
            if too_early {
                shop.ended.lock().unwrap_or_else(PoisonError::into_inner).push(service);
            }
        }
        let _ = clients::end_producer(shop.producer.clone(), LAST_WORDS).await;
    }
}

/// Creates the topics that are not there yet.
///
/// # Errors
/// The broker cannot be reached, or refuses a topic.
pub async fn create_topics(bootstrap: &str, replicas: i32) -> Result<(), KafkaError> {
    let admin = clients::admin(bootstrap)?;
    let new = topics::ALL.map(|(name, partitions)| NewTopic::new(name, partitions, TopicReplication::Fixed(replicas)));
    let options = AdminOptions::new().request_timeout(Some(TOPICS_WITHIN));
    let outcomes = admin.create_topics(&new, &options).await;
    // Ending a client waits for its threads.
    let _ = tokio::task::spawn_blocking(move || drop(admin)).await;
    for outcome in outcomes? {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code)),
        }
    }
    Ok(())
}
