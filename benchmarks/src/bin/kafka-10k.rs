//! Ten thousand partitions and five hundred groups on a real Kafka: what a visit takes, and whether memory stays flat.
//!
//! `kafka-10k [visits]`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::Duration;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::measure::{cpu_seconds, percentile, resident_bytes};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Product, kafka};
use serde_json::json;

const TOPICS: usize = 100;
const PARTITIONS: i32 = 100;
const GROUPS: usize = 500;
/// Partitions that each group has committed in.
const READ: i32 = 20;
const VISITS: usize = 500;
/// As often as the settings allow; five hundred visits take three quarters of an hour.
const INTERVAL_SECONDS: u64 = 5;
/// Visits before memory counts: until then the past that lag in time is calculated from is being filled.
const WARM_UP: usize = 100;

#[tokio::main]
async fn main() {
    let visits = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(VISITS);
    let endpoints = broker("kafka").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=kafka");
    eprintln!("creating {TOPICS} topics of {PARTITIONS} partitions and {GROUPS} groups");
    fill(&endpoints).await;
    let product = Product::start().await;
    let settings = json!({"bootstrap_servers": endpoints.bootstrap, "interval_seconds": INTERVAL_SECONDS,
        "topics_include": ["bench-10k-*"], "groups_include": ["bench-10k-*"]});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "kafka", "system": "kafka", "settings": settings}),
        )
        .await;
    let view = || async { product.get::<Vec<ConnectionView>>(path::CONNECTIONS).await.remove(0) };
    eventually("the first visits", 300, || async {
        let view = view().await;
        (view.revision >= 3 && view.subscriptions >= GROUPS).then_some(())
    })
    .await;
    let (mut walls, mut memory) = (Vec::new(), Vec::new());
    let mut last = view().await.revision;
    let cpu = cpu_seconds(product.pid());
    while walls.len() < visits {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = view().await;
        if now.revision > last {
            last = now.revision;
            walls.extend(now.cost.map(|cost| cost.seconds));
            memory.extend(resident_bytes(product.pid()).map(|bytes| bytes as f64 / 1e6));
            eprintln!(
                "visit {}: {:?} s, {:?} MB",
                walls.len(),
                walls.last().unwrap_or(&0.0),
                memory.last().unwrap_or(&0.0)
            );
        }
    }
    let cpu = cpu_seconds(product.pid())
        .zip(cpu)
        .map_or(0.0, |(after, before)| after - before)
        / visits as f64;
    print(&endpoints, &walls, &memory, cpu);
    for number in 0..TOPICS {
        kafka::delete_topic(&endpoints, &topic(number)).await;
    }
}

async fn fill(endpoints: &Endpoints) {
    for number in 0..TOPICS {
        kafka::ensure_topic(endpoints, &topic(number), PARTITIONS).await;
    }
    for number in 0..GROUPS {
        let group = format!("bench-10k-group-{number:03}");
        kafka::commit(endpoints, &topic(number % TOPICS), &group, 0..READ).await;
    }
}

fn print(endpoints: &Endpoints, walls: &[f64], memory: &[f64], cpu: f64) {
    let warm = memory.get(WARM_UP..).filter(|rest| !rest.is_empty()).unwrap_or(memory);
    let tenth = warm.len().div_ceil(10);
    let first = percentile(warm.get(..tenth).unwrap_or_default(), 0.5);
    let last = percentile(warm.get(warm.len() - tenth..).unwrap_or_default(), 0.5);
    println!(
        "Kafka {}, one broker, {} partitions, {GROUPS} groups of {READ} partitions each, {} visits, one every \
         {INTERVAL_SECONDS} s, watched by the whole product. Memory counts from visit {WARM_UP} on.\n",
        endpoints.version,
        TOPICS * PARTITIONS as usize,
        walls.len()
    );
    println!("| figure | value | bar |\n|---|---|---|");
    println!("| one visit, median | {:.3} s | 0.5 s |", percentile(walls, 0.5));
    println!("| one visit, p99 | {:.3} s | |", percentile(walls, 0.99));
    println!("| our CPU per visit, storing and judging included | {cpu:.3} s | |");
    println!("| memory, median of the first tenth | {first:.0} MB | |");
    println!("| memory, median of the last tenth | {last:.0} MB | flat |");
}

fn topic(number: usize) -> String {
    format!("bench-10k-{number:03}")
}
