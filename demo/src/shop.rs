//! The shop as a whole: its topics, its services as tasks, and what they share. All of it runs on one thread.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use brokerscope_contract::api::demo::OrderTotals;
use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::KafkaError;
use rdkafka::producer::{FutureProducer, Producer};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

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
    pub producer: FutureProducer<Quiet>,
    pub tracer: Tracer,
    pub stop: CancellationToken,
    pub joined: Arc<Joined>,
    /// Messages per second of all services together, without faults.
    pub pace: f64,
    pub faults: watch::Receiver<Faults>,
    pub totals: Arc<Mutex<OrderTotals>>,
    pub started: Instant,
}

impl Shop {
    pub fn faults(&self) -> Faults {
        *self.faults.borrow()
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
        let services = services::start(&shop);
        for service in services {
            if let Err(error) = service.await {
                tracing::error!(%error, "a service of the demo ended badly");
            }
        }
        let producer = shop.producer.clone();
        // Both wait for librdkafka's threads.
        let ended = tokio::task::spawn_blocking(move || {
            let flushed = producer.flush(LAST_WORDS);
            drop(producer);
            flushed
        });
        let _ = ended.await;
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
