//! How long one visit to a NATS server with 10,000 JetStream consumers takes, and what churn of ephemeral ones leaves
//! behind.
//!
//! `nats-10k [consumers]`, on the broker `nats` of `cargo xtask brokers up nats`. The consumers are made before and
//! removed afterwards.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::Client;
use brokerscope_benchmarks::measure::{self, Times, thousands};
use brokerscope_contract::{EntityKey, EntityKind, System, Timestamp};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

const STREAMS: usize = 20;
const VISITS: i64 = 40;
/// Ephemeral consumers that come and go between two visits.
const CHURN: usize = 200;
/// Far enough apart that streams and consumers are due on each visit.
const CADENCE: i64 = 30_000;
const START: Timestamp = Timestamp(1_767_592_800_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let consumers: usize = std::env::args().nth(1).map_or(Ok(10_000), |text| text.parse())?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/nats/endpoints.json");
    let endpoints: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let servers: Vec<String> = serde_json::from_value(endpoints["bootstrap"].clone())?;
    let options = async_nats::ConnectOptions::with_user_and_password("app".into(), "app".into());
    let client = options
        .request_timeout(Some(Duration::from_secs(60)))
        .connect(servers.clone())
        .await?;
    for n in 0..STREAMS {
        remove(&client, n).await;
        let config = json!({"name": name(n), "subjects": [format!("{}.>", name(n))], "storage": "memory"});
        ask(&client, &format!("STREAM.CREATE.{}", name(n)), &config).await?;
    }
    let made = stream::iter(0..consumers)
        .map(|n| make(&client, n))
        .buffer_unordered(100);
    let failed = made.filter(|made| std::future::ready(made.is_err())).count().await;
    let login =
        json!({"servers": servers, "login": "password", "user": "sys", "password": "sys", "timeout_seconds": 30});
    let measured = visits(&client, login).await;
    for n in 0..STREAMS {
        remove(&client, n).await;
    }
    let measured = measured?;
    if failed > 0 {
        return Err(format!("{failed} consumers could not be made").into());
    }
    print(consumers, &endpoints, &measured);
    Ok(())
}

struct Measured {
    first: Duration,
    /// Of the visits that asked for streams and consumers; the others are cheap.
    visits: Times,
    requests: u32,
    bytes: u64,
    consumers_told: usize,
    ephemeral_keys: usize,
    cpu: f64,
}

async fn visits(client: &Client, settings: Value) -> Result<Measured, Box<dyn Error>> {
    let factory = brokerscope_collectors::factory(System::Nats).ok_or("built without NATS")?;
    let settings = serde_json::from_value(settings)?;
    let mut collector = factory.build(&settings).map_err(|problems| format!("{problems:?}"))?;
    let started = Instant::now();
    collector.collect(START).await?;
    let first = started.elapsed();
    // Consumers are not asked about on every visit, so only those visits count on which they are.
    let (mut times, mut requests, mut bytes, mut consumers_told) = (Times::default(), 0, 0, 0);
    let mut ephemeral: BTreeSet<EntityKey> = BTreeSet::new();
    let cpu_before = measure::cpu_seconds();
    for visit in 1..=VISITS {
        churn(client).await;
        let started = Instant::now();
        let snapshot = collector.collect(START.plus_millis(visit * CADENCE)).await?;
        let took = started.elapsed();
        let consumers = snapshot
            .entities
            .iter()
            .filter(|entity| entity.key.kind == EntityKind::StreamConsumer);
        let (nameless, named): (Vec<_>, Vec<_>) = consumers.partition(|entity| entity.key.name().contains(' '));
        // Whoever asks is told of all of them.
        if !named.is_empty() {
            times.add(took);
        }
        ephemeral.extend(nameless.iter().map(|entity| entity.key.clone()));
        consumers_told = consumers_told.max(named.len());
        requests = requests.max(snapshot.cost.requests);
        bytes = bytes.max(snapshot.cost.bytes);
    }
    if times.is_empty() {
        return Err("no visit asked for consumers".into());
    }
    let cpu = measure::cpu_seconds() - cpu_before;
    Ok(Measured {
        first,
        visits: times,
        requests,
        bytes,
        consumers_told,
        ephemeral_keys: ephemeral.len(),
        cpu,
    })
}

fn print(consumers: usize, endpoints: &Value, measured: &Measured) {
    let version = endpoints["version"].as_str().unwrap_or("of unknown version");
    println!(
        "nats-server {version} on the same machine, {} durable consumers in {STREAMS} streams, through the system \
         account; between two visits {CHURN} ephemeral consumers come and go.\n",
        thousands(consumers as u64)
    );
    println!("| measure | value | bar |");
    println!("|---|---|---|");
    println!(
        "| one visit that asks for streams and consumers, median of {} | {:.0} ms | 1,000 ms |",
        measured.visits.len(),
        measured.visits.quantile(0.5)
    );
    println!("| the slowest of these | {:.0} ms | |", measured.visits.quantile(1.0));
    println!(
        "| first visit, login and configuration included | {:.0} ms | |",
        measured.first.as_secs_f64() * 1e3
    );
    println!("| requests of the dearest visit | {} | |", measured.requests);
    println!(
        "| bytes of the dearest visit | {:.1} MB | |",
        measured.bytes as f64 / 1e6
    );
    println!(
        "| processor time a visit, traffic of the benchmark included | {:.0} ms | |",
        measured.cpu / VISITS as f64 * 1e3
    );
    println!(
        "| consumers told apart | {} | {} |",
        thousands(measured.consumers_told as u64),
        thousands(consumers as u64)
    );
    println!(
        "| entities that {} ephemeral consumers left in the store | {} | one a stream |",
        thousands((CHURN * VISITS as usize) as u64),
        measured.ephemeral_keys
    );
    println!("| peak memory | {:.0} MB | |", measure::peak_memory() as f64 / 1e6);
}

fn name(n: usize) -> String {
    format!("BENCH{n}")
}

async fn make(client: &Client, n: usize) -> Result<(), Box<dyn Error>> {
    let (stream, consumer) = (name(n % STREAMS), format!("reader-{n}"));
    let config = json!({"durable_name": consumer, "ack_policy": "explicit", "mem_storage": true});
    let body = json!({"stream_name": stream, "config": config});
    ask(client, &format!("CONSUMER.CREATE.{stream}.{consumer}"), &body).await
}

/// Each ends by itself before the next visit but one.
async fn churn(client: &Client) {
    let questions = stream::iter(0..CHURN).map(|n| async move {
        let stream = name(n % STREAMS);
        let config = json!({"ack_policy": "none", "mem_storage": true, "inactive_threshold": 1_000_000_000_u64});
        let body = json!({"stream_name": stream, "config": config});
        ask(client, &format!("CONSUMER.CREATE.{stream}"), &body).await
    });
    questions.buffer_unordered(50).collect::<Vec<_>>().await;
}

async fn remove(client: &Client, n: usize) {
    // Not there is what we want.
    let _ = client
        .request(format!("$JS.API.STREAM.DELETE.{}", name(n)), "".into())
        .await;
}

async fn ask(client: &Client, subject: &str, body: &Value) -> Result<(), Box<dyn Error>> {
    let answer = client
        .request(format!("$JS.API.{subject}"), body.to_string().into())
        .await?;
    let answer: Value = serde_json::from_slice(&answer.payload)?;
    match answer["error"]["description"].as_str() {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}
