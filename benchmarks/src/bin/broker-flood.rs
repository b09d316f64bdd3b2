//! How much the embedded broker takes in and hands out through real clients, and how fast it is when it has time.
//!
//! `broker-flood [seconds of flood] [seconds of paced traffic]`.

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use brokerscope_benchmarks::measure::{self, Times, thousands};
use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};

const PARTITIONS: i32 = 6;
const VALUE: usize = 200;
/// Messages a second when it is paced.
const PACE: u64 = 200;

/// Messages that are sent without looking at the readers.
const BURST: u64 = 1_000;
/// The producer waits for readers that are further behind. They would be overtaken by retention, and not to read what is
/// kept no longer is no mistake of the broker: a partition keeps some 320,000 messages here, and one may have them all.
const MOST_AHEAD: u64 = 250_000;

/// Counts what was acknowledged.
#[derive(Default)]
struct Acknowledged(AtomicU64);

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_ok() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What the consumers have seen.
#[derive(Default)]
struct Seen {
    messages: AtomicU64,
    /// Offsets that were skipped, and offsets that came again.
    skipped: AtomicU64,
    repeated: AtomicU64,
    latencies: Mutex<Times>,
    done: AtomicBool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let flood_seconds: u64 = arguments.next().map_or(Ok(30), |text| text.parse())?;
    let paced_seconds: u64 = arguments.next().map_or(Ok(30), |text| text.parse())?;

    let flood = flood(Duration::from_secs(flood_seconds))?;
    let after_flood = measure::peak_memory();
    let paced = paced(Duration::from_secs(paced_seconds))?;
    let latencies = paced.latencies.lock().map_err(|_| "a consumer panicked")?;

    println!(
        "One idempotent producer and a group of two consumers (librdkafka) in the broker's process, {PARTITIONS} \
         partitions, values of {VALUE} bytes: {flood_seconds} s as fast as readers keep up, then {paced_seconds} s at {PACE} \
         messages a second.\n"
    );
    println!("| measure | value | bar |");
    println!("|---|---|---|");
    println!(
        "| messages a second in | {} | 200,000 |",
        thousands(flood.in_rate as u64)
    );
    println!(
        "| messages a second out | {} | 200,000 |",
        thousands(flood.out_rate as u64)
    );
    println!(
        "| acknowledged and not read | {} | 0 |",
        thousands(flood.seen.skipped.load(Ordering::Relaxed))
    );
    println!(
        "| read twice | {} | 0 |",
        thousands(flood.seen.repeated.load(Ordering::Relaxed))
    );
    println!(
        "| processor time a million messages, clients included | {:.2} s | |",
        flood.cpu
    );
    println!(
        "| paced: from send to receipt, median / p99 | {} | p99 15 ms |",
        latencies.summary()
    );
    println!(
        "| paced: messages received | {} of {} | all |",
        thousands(latencies.len() as u64),
        thousands(PACE * paced_seconds)
    );
    println!(
        "| peak memory, clients included | {:.0} MB | |",
        after_flood as f64 / 1e6
    );
    Ok(())
}

/// What a flood came to.
struct Flood {
    seen: Arc<Seen>,
    /// Messages a second.
    in_rate: f64,
    out_rate: f64,
    /// Processor seconds a million messages.
    cpu: f64,
}

/// As fast as the producer goes while the readers keep up.
fn flood(time: Duration) -> Result<Flood, Box<dyn Error>> {
    let broker = EmbeddedBroker::start(Options {
        // Room for a consumer that is some seconds behind.
        retention_bytes_per_partition: 64 << 20,
        ..Options::default()
    })?;
    broker.handle().create_topic("flood", PARTITIONS)?;
    let seen = Arc::new(Seen::default());
    let consumers = consumers(&broker, "flood", &seen)?;
    let settings = [
        ("linger.ms", "5"),
        ("batch.num.messages", "10000"),
        ("queue.buffering.max.messages", "200000"),
    ];
    let producer = producer(&broker, &settings)?;
    let value = [b'x'; VALUE];
    let (started, cpu_before) = (Instant::now(), measure::cpu_seconds());
    let mut sent = 0;
    while started.elapsed() < time {
        while seen.messages.load(Ordering::Relaxed) + MOST_AHEAD < sent {
            std::thread::sleep(Duration::from_millis(1));
        }
        sent += BURST;
        for _ in 0..BURST {
            while producer
                .send(BaseRecord::<(), [u8]>::to("flood").payload(&value))
                .is_err()
            {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    producer.flush(Duration::from_secs(60))?;
    let acknowledged = producer.context().0.load(Ordering::Relaxed);
    let in_rate = acknowledged as f64 / started.elapsed().as_secs_f64();
    let patience = Instant::now() + Duration::from_secs(60);
    while seen.messages.load(Ordering::Relaxed) < acknowledged && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (elapsed, cpu) = (started.elapsed().as_secs_f64(), measure::cpu_seconds() - cpu_before);
    let out = seen.messages.load(Ordering::Relaxed);
    // What was skipped in the middle is counted by the consumers; what is missing at the end only here.
    let missing = acknowledged.saturating_sub(out);
    seen.skipped.fetch_max(missing, Ordering::Relaxed);
    end(&seen, consumers);
    Ok(Flood {
        seen,
        in_rate,
        out_rate: out as f64 / elapsed,
        cpu: cpu / out.max(1) as f64 * 1e6,
    })
}

/// At a steady pace, each message with the time at which it was sent.
fn paced(time: Duration) -> Result<Arc<Seen>, Box<dyn Error>> {
    let broker = EmbeddedBroker::start(Options::default())?;
    broker.handle().create_topic("paced", PARTITIONS)?;
    let seen = Arc::new(Seen::default());
    let consumers = consumers(&broker, "paced", &seen)?;
    let producer = producer(&broker, &[("linger.ms", "0")])?;
    // What a client does once, such as asking for its producer id, is over before time counts. These have no time in them.
    producer
        .send(BaseRecord::<(), [u8]>::to("paced").payload(&[b'x'; VALUE]))
        .map_err(|(error, _)| error)?;
    producer.flush(Duration::from_secs(10))?;
    let (started, count) = (Instant::now(), PACE * time.as_secs());
    for number in 0..count {
        let due = started + Duration::from_micros(number * 1_000_000 / PACE);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut value = [b'x'; VALUE];
        value[..8].copy_from_slice(&nanos().to_be_bytes());
        producer
            .send(BaseRecord::<(), [u8]>::to("paced").payload(&value))
            .map_err(|(error, _)| error)?;
    }
    producer.flush(Duration::from_secs(10))?;
    let patience = Instant::now() + Duration::from_secs(10);
    while seen.messages.load(Ordering::Relaxed) <= count && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    end(&seen, consumers);
    Ok(seen)
}

fn producer(
    broker: &EmbeddedBroker,
    settings: &[(&str, &str)],
) -> Result<ThreadedProducer<Acknowledged>, Box<dyn Error>> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap_servers());
    config.set("enable.idempotence", "true");
    for (name, value) in settings {
        config.set(*name, *value);
    }
    Ok(config.create_with_context(Acknowledged::default())?)
}

/// Two members of a group on threads of their own; returns when both have their share.
fn consumers(broker: &EmbeddedBroker, topic: &str, seen: &Arc<Seen>) -> Result<Vec<JoinHandle<()>>, Box<dyn Error>> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap_servers());
    config.set("group.id", "readers").set("auto.offset.reset", "earliest");
    let members = [config.create::<BaseConsumer>()?, config.create::<BaseConsumer>()?];
    for member in &members {
        member.subscribe(&[topic])?;
    }
    let shares = |member: &BaseConsumer| member.assignment().map_or(0, |share| share.count());
    let patience = Instant::now() + Duration::from_secs(30);
    while members.iter().any(|member| shares(member) != PARTITIONS as usize / 2) {
        if Instant::now() > patience {
            return Err("the group does not settle".into());
        }
        for member in &members {
            member.poll(Duration::from_millis(10));
        }
    }
    let threads = members.map(|member| {
        let seen = Arc::clone(seen);
        std::thread::spawn(move || consume(&member, &seen))
    });
    Ok(threads.into())
}

fn consume(member: &BaseConsumer, seen: &Seen) {
    let mut expected: HashMap<i32, i64> = HashMap::new();
    while !seen.done.load(Ordering::Relaxed) {
        let Some(Ok(message)) = member.poll(Duration::from_millis(20)) else {
            continue;
        };
        let (offset, next) = (message.offset(), expected.entry(message.partition()).or_insert(0));
        let skipped = u64::try_from(offset - *next);
        match skipped {
            Ok(0) => {}
            Ok(skipped) => _ = seen.skipped.fetch_add(skipped, Ordering::Relaxed),
            Err(_) => _ = seen.repeated.fetch_add(1, Ordering::Relaxed),
        }
        *next = offset + 1;
        seen.messages.fetch_add(1, Ordering::Relaxed);
        let sent = message.payload().and_then(|value| value.first_chunk::<8>());
        let sent = sent
            .map(|bytes| u64::from_be_bytes(*bytes))
            .filter(|sent| *sent <= nanos());
        if let (Some(sent), Ok(mut latencies)) = (sent, seen.latencies.lock()) {
            latencies.add(Duration::from_nanos(nanos() - sent));
        }
    }
}

fn end(seen: &Seen, consumers: Vec<JoinHandle<()>>) {
    seen.done.store(true, Ordering::Relaxed);
    for consumer in consumers {
        if consumer.join().is_err() {
            eprintln!("a consumer has panicked");
        }
    }
}

/// Nanoseconds since this process first asked.
fn nanos() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
