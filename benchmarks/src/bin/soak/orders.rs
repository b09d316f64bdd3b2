//! Reads what the shop announces of its orders, as an outsider with a client of its own, and counts for itself.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use brokerscope_contract::api::demo::OrderTotals;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Message, Offset, TopicPartitionList};
use serde_json::Value;

const TOPIC: &str = "orders";
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The orders by their numbers, so that a message that came twice counts once.
#[derive(Debug, Default)]
struct Announced {
    placed: HashSet<u64>,
    completed: HashSet<u64>,
    cancelled: HashSet<u64>,
    /// What the reader could not read: the topic was emptied before it came to it.
    missed: Vec<String>,
}

/// The thread that reads.
pub struct Orders {
    stop: Arc<AtomicBool>,
    announced: Arc<Mutex<Announced>>,
    thread: JoinHandle<()>,
}

impl Orders {
    pub fn watch(servers: String) -> Orders {
        let (stop, announced) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let (stopped, shared) = (Arc::clone(&stop), Arc::clone(&announced));
        let thread = std::thread::spawn(move || read(&servers, &stopped, &shared));
        Orders {
            stop,
            announced,
            thread,
        }
    }

    /// So many are announced as placed, completed and cancelled.
    pub fn counted(&self) -> OrderTotals {
        let announced = self.announced.lock().expect("the thread that reads did not panic");
        let (orders, completed, cancelled) = (
            announced.placed.len() as u64,
            announced.completed.len() as u64,
            announced.cancelled.len() as u64,
        );
        OrderTotals {
            orders,
            completed,
            cancelled,
            in_flight: orders.saturating_sub(completed + cancelled),
        }
    }

    /// Ends, with everything that cannot be: an order that is both, or that nobody has placed.
    pub fn end(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the thread that reads did not panic");
        let announced = self.announced.lock().expect("the thread that reads did not panic");
        let both = announced.completed.intersection(&announced.cancelled);
        let both = both.map(|order| format!("order {order} is completed and cancelled"));
        let ended = announced.completed.union(&announced.cancelled);
        let unplaced = ended.filter(|order| !announced.placed.contains(order));
        let unplaced = unplaced.map(|order| format!("order {order} has an end and no beginning"));
        both.chain(unplaced).chain(announced.missed.iter().cloned()).collect()
    }
}

/// What the shop has counted before and after, and what was read in between: it counts before it announces.
pub fn fits(before: OrderTotals, read: OrderTotals, after: OrderTotals) -> bool {
    let between = |before: u64, read: u64, after: u64| (before..=after).contains(&read);
    between(before.orders, read.orders, after.orders)
        && between(before.completed, read.completed, after.completed)
        && between(before.cancelled, read.cancelled, after.cancelled)
}

fn read(servers: &str, stop: &AtomicBool, announced: &Mutex<Announced>) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers).set("group.id", "soak");
    config
        .set("enable.auto.commit", "false")
        .set("reconnect.backoff.max.ms", "1000");
    // Who is overtaken must hear of it, and not go on elsewhere.
    config.set("auto.offset.reset", "error");
    let consumer: BaseConsumer = config.create().expect("a client");
    let metadata = consumer
        .fetch_metadata(Some(TOPIC), ANSWER_WITHIN)
        .expect("the shop is there");
    let mut from = TopicPartitionList::new();
    for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
        from.add_partition_offset(TOPIC, partition.id(), Offset::Offset(0))
            .expect("an offset");
    }
    consumer.assign(&from).expect("partitions to read");
    while !stop.load(Ordering::Relaxed) {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => note(&message, announced),
            // Nodes come and go, and the client finds them again.
            Some(Err(error)) if error.rdkafka_error_code().is_some_and(is_lost) => {
                let mut announced = announced.lock().expect("nobody panicked");
                announced.missed.push(format!("announcements of orders: {error}"));
            }
            Some(Err(_)) | None => {}
        }
    }
}

fn is_lost(code: rdkafka::types::RDKafkaErrorCode) -> bool {
    use rdkafka::types::RDKafkaErrorCode::{AutoOffsetReset, OffsetOutOfRange};
    matches!(code, AutoOffsetReset | OffsetOutOfRange)
}

/// A poisoned message is no JSON, and announces nothing.
fn note(message: &impl Message, announced: &Mutex<Announced>) {
    let payload = message.payload().unwrap_or_default();
    let Ok(told) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    let Some(order) = told.pointer("/order/id").and_then(Value::as_u64) else {
        return;
    };
    let mut announced = announced.lock().expect("nobody panicked");
    match told.get("type").and_then(Value::as_str) {
        Some("order_placed") => announced.placed.insert(order),
        Some("order_completed") => announced.completed.insert(order),
        Some("order_cancelled") => announced.cancelled.insert(order),
        _ => false,
    };
}
