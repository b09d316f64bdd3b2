//! Ten thousand partitions and five hundred groups on a real Kafka: what a visit takes, and whether memory stays flat.
//!
//! `kafka-10k [visits]`. The collector by itself, one visit after the other: its clock goes ahead by the usual interval
//! with each, so that every question comes as often as it does in use.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::Instant;

use brokerscope_collectors::{Collector, factory};
use brokerscope_contract::{EntityKind, Settings, Snapshot, System, Timestamp};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::kafka;
use brokerscope_tests::measure::{cpu_seconds, percentile, resident_bytes};
use serde_json::json;

const TOPICS: usize = 100;
const PARTITIONS: i32 = 100;
const GROUPS: usize = 500;
/// Partitions that each group has committed in.
const READ: i32 = 20;
const VISITS: usize = 500;
const INTERVAL_SECONDS: i64 = 15;
/// Visits before memory counts: until then the past that lag in time is calculated from is being filled.
const WARM_UP: usize = 100;
const START: Timestamp = Timestamp(1_767_592_800_000);

#[tokio::main]
async fn main() {
    let visits = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(VISITS);
    let endpoints = broker("kafka").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=kafka");
    eprintln!("creating {TOPICS} topics of {PARTITIONS} partitions and {GROUPS} groups");
    fill(&endpoints).await;
    let mut collector = collector(&endpoints);
    let first = Instant::now();
    let snapshot = visit(collector.as_mut(), 0).await;
    let first = first.elapsed().as_secs_f64();
    let groups = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::ConsumerGroup);
    assert_eq!(groups.count(), GROUPS, "the first visit names every group");

    let us = std::process::id();
    let (mut walls, mut memory) = (Vec::new(), Vec::new());
    let before = cpu_seconds(us);
    for number in 1..=visits {
        let begun = Instant::now();
        visit(collector.as_mut(), number).await;
        walls.push(begun.elapsed().as_secs_f64());
        memory.extend(resident_bytes(us).map(|bytes| bytes as f64 / 1e6));
        if number % 50 == 0 {
            eprintln!("visit {number}: {:?} MB", memory.last().unwrap_or(&0.0));
        }
    }
    let cpu = cpu_seconds(us)
        .zip(before)
        .map_or(0.0, |(after, before)| after - before)
        / visits as f64;
    print(&endpoints, first, &walls, &memory, cpu);
    for number in 0..TOPICS {
        kafka::delete_topic(&endpoints, &topic(number)).await;
    }
}

fn collector(endpoints: &Endpoints) -> Box<dyn Collector> {
    let settings = json!({"bootstrap_servers": endpoints.bootstrap, "topics_include": ["bench-10k-*"],
        "groups_include": ["bench-10k-*"]});
    let settings: Settings = serde_json::from_value(settings).expect("these are settings");
    let kafka = factory(System::Kafka).expect("built with Kafka");
    kafka.build(&settings).expect("the settings are right")
}

async fn visit(collector: &mut dyn Collector, number: usize) -> Snapshot {
    let at = START.plus_millis(number as i64 * INTERVAL_SECONDS * 1_000);
    collector.collect(at).await.expect("the broker answers")
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

fn print(endpoints: &Endpoints, first: f64, walls: &[f64], memory: &[f64], cpu: f64) {
    let warm = memory.get(WARM_UP..).filter(|rest| !rest.is_empty()).unwrap_or(memory);
    let tenth = warm.len().div_ceil(10);
    let early = percentile(warm.get(..tenth).unwrap_or_default(), 0.5);
    let late = percentile(warm.get(warm.len() - tenth..).unwrap_or_default(), 0.5);
    println!(
        "Kafka {}, one broker, {} partitions, {GROUPS} groups of {READ} partitions each, {} visits of the collector, as \
         if {INTERVAL_SECONDS} s apart. Memory counts from visit {WARM_UP} on, and is that of the whole process.\n",
        endpoints.version,
        TOPICS * PARTITIONS as usize,
        walls.len()
    );
    println!("| figure | value | bar |\n|---|---|---|");
    println!("| one visit, median | {:.3} s | 0.5 s |", percentile(walls, 0.5));
    println!("| one visit, p99 | {:.3} s | |", percentile(walls, 0.99));
    println!("| the first visit, everything unknown | {first:.3} s | |");
    println!("| our CPU per visit | {cpu:.3} s | |");
    println!("| memory, median of the first tenth | {early:.0} MB | |");
    println!("| memory, median of the last tenth | {late:.0} MB | flat |");
}

fn topic(number: usize) -> String {
    format!("bench-10k-{number:03}")
}
