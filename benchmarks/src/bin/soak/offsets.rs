//! Asks the demo's broker again and again where its groups stand, as an outsider with a client of its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

/// The shop's groups that commit.
const GROUPS: [&str; 8] = [
    "order-service",
    "quote-service",
    "payment-service",
    "payment-retry-soon",
    "payment-retry-later",
    "inventory-service",
    "notification-service",
    "analytics-service",
];
const EVERY: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The thread that asks.
pub struct Offsets {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What it has seen: positions looked at, looks without an answer, and each position that went back.
type Seen = (usize, usize, Vec<String>);

impl Offsets {
    pub fn watch(servers: String) -> Offsets {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || ask(&servers, &stopped));
        Offsets { stop, thread }
    }

    pub fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the thread that asks did not panic")
    }
}

fn ask(servers: &str, stop: &AtomicBool) -> Seen {
    let clients = GROUPS.map(|group| {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", servers).set("group.id", group);
        config.set("reconnect.backoff.max.ms", "1000");
        let client: BaseConsumer = config.create().expect("a client");
        (group, client)
    });
    let mut last: HashMap<(&str, String, i32), i64> = HashMap::new();
    let (mut positions, mut silent, mut back) = (0, 0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(EVERY);
        for (group, client) in &clients {
            let Some(committed) = committed(client) else {
                silent += 1;
                continue;
            };
            for (topic, partition, offset) in committed {
                positions += 1;
                let before = last.insert((*group, topic.clone(), partition), offset);
                if let Some(before) = before.filter(|before| *before > offset) {
                    let told = format!("{group} went back from {before} to {offset} in {topic}/{partition}");
                    eprintln!("{told}");
                    back.push(told);
                }
            }
        }
    }
    (positions, silent, back)
}

/// Every position that the client's group has committed.
fn committed(client: &BaseConsumer) -> Option<Vec<(String, i32, i64)>> {
    let metadata = client.fetch_metadata(None, ANSWER_WITHIN).ok()?;
    let mut all = TopicPartitionList::new();
    for topic in metadata.topics() {
        for partition in topic.partitions() {
            all.add_partition(topic.name(), partition.id());
        }
    }
    let committed = client.committed_offsets(all, ANSWER_WITHIN).ok()?;
    let elements = committed.elements();
    let known = elements.iter().filter_map(|element| match element.offset() {
        Offset::Offset(offset) => Some((element.topic().to_string(), element.partition(), offset)),
        _ => None,
    });
    Some(known.collect())
}
