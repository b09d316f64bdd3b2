//! Clients of librdkafka with small queues, and their words in our log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::admin::AdminClient;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::{FutureProducer, Producer};
use tokio::sync::Notify;

/// The client id of the producer that all services share.
pub const PRODUCER: &str = "shop";
/// The client id of the one without idempotence.
pub const CARELESS_PRODUCER: &str = "order-service-careless";

/// A broker that goes away is one of the demo's faults: what its clients say of it is for debugging only.
#[derive(Default)]
pub struct Quiet {
    /// Told once, when this consumer is first given partitions.
    joined: Option<Arc<Joined>>,
    told: AtomicBool,
    rebalances: AtomicUsize,
}

impl Quiet {
    /// How often partitions were given to this consumer or taken from it.
    pub fn rebalances(&self) -> usize {
        self.rebalances.load(Ordering::Relaxed)
    }
}

impl ClientContext for Quiet {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, text: &str) {
        tracing::debug!(facility, text, "a client of the demo");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "a client of the demo");
    }
}

impl ConsumerContext for Quiet {
    fn pre_rebalance(&self, _consumer: &BaseConsumer<Self>, _rebalance: &Rebalance<'_>) {
        self.rebalances.fetch_add(1, Ordering::Relaxed);
    }

    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let (Some(joined), Rebalance::Assign(_)) = (&self.joined, rebalance)
            && !self.told.swap(true, Ordering::Relaxed)
        {
            joined.count.fetch_add(1, Ordering::Relaxed);
            joined.changed.notify_waiters();
        }
    }
}

/// How many consumers were given partitions, to know when all have begun.
#[derive(Debug, Default)]
pub struct Joined {
    count: AtomicUsize,
    changed: Notify,
}

impl Joined {
    pub async fn reached(&self, wanted: usize) {
        loop {
            let changed = self.changed.notified();
            if self.count.load(Ordering::Relaxed) >= wanted {
                return;
            }
            changed.await;
        }
    }
}

fn config(bootstrap: &str, client: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("client.id", client)
        .set("broker.address.family", "v4")
        // A node that is killed comes back within seconds.
        .set("reconnect.backoff.ms", "100")
        .set("reconnect.backoff.max.ms", "1000")
        .set("statistics.interval.ms", "0");
    config
}

/// One producer serves all services: it is the same client, and each would cost threads and memory.
pub fn producer(bootstrap: &str) -> KafkaResult<FutureProducer<Quiet>> {
    producer_config(bootstrap, PRODUCER)
        .set("enable.idempotence", "true")
        .create_with_context(Quiet::default())
}

/// A producer that sends again what it has no acknowledgement for, whether it is stored or not.
pub fn careless_producer(bootstrap: &str) -> KafkaResult<FutureProducer<Quiet>> {
    producer_config(bootstrap, CARELESS_PRODUCER)
        .set("enable.idempotence", "false")
        // An acknowledgement is lost together with its connection. Orders are to be doubled by that, not held up.
        .set("reconnect.backoff.ms", "10")
        .set("reconnect.backoff.max.ms", "50")
        .set("retry.backoff.ms", "20")
        .create_with_context(Quiet::default())
}

fn producer_config(bootstrap: &str, client: &str) -> ClientConfig {
    let mut config = config(bootstrap, client);
    config
        // Fuller requests: a broker and a dozen clients in one process must not cost a tenth of a core.
        .set("linger.ms", "20")
        .set("queue.buffering.max.messages", "10000")
        .set("queue.buffering.max.kbytes", "4096")
        .set("message.timeout.ms", "60000");
    config
}

/// Positions are committed by hand, after processing.
pub fn consumer(bootstrap: &str, client: &str, group: &str, joined: Arc<Joined>) -> KafkaResult<StreamConsumer<Quiet>> {
    config(bootstrap, client)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "10000")
        // A day, the most there can be: who is held up by a poison message is to be seen as a member that gets no
        // further, and would be out of its group after five minutes.
        .set("max.poll.interval.ms", "86400000")
        .set("heartbeat.interval.ms", "3000")
        .set("queued.min.messages", "100")
        .set("queued.max.messages.kbytes", "256")
        .set("fetch.message.max.bytes", "65536")
        // A fetch waits until a few messages are there, or this long: fewer and fuller answers cost less.
        .set("fetch.min.bytes", "4096")
        .set("fetch.wait.max.ms", "250")
        .create_with_context(Quiet {
            joined: Some(joined),
            ..Quiet::default()
        })
}

pub fn admin(bootstrap: &str) -> KafkaResult<AdminClient<Quiet>> {
    config(bootstrap, "shop-setup").create_with_context(Quiet::default())
}

/// Ends a producer once all it has is sent, or after some time; both wait for librdkafka's threads.
pub fn end_producer(producer: FutureProducer<Quiet>, patience: Duration) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = producer.flush(patience) {
            tracing::debug!(%error, "a producer of the demo ends with messages unsent");
        }
    })
}

/// Ends a consumer, which waits for the broker to answer and must therefore not happen on the shop's thread.
pub fn end<C: Consumer<Quiet> + Send + 'static>(consumer: C) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(move || drop(consumer))
}

/// The same after committing the offsets that are stored, and waiting until they are.
pub fn commit_and_end(consumer: StreamConsumer<Quiet>) -> tokio::task::JoinHandle<KafkaResult<()>> {
    tokio::task::spawn_blocking(move || {
        let committed = consumer.commit_consumer_state(CommitMode::Sync);
        drop(consumer);
        committed
    })
}
