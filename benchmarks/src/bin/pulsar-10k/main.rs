//! What a visit to Pulsar with 10,000 topics in 100 namespaces costs.
//!
//! `pulsar-10k [topics on the real broker]`. Topics are made on the real standalone as far as that is asked for; its own
//! answers, repeated until there are 10,000 topics, are then played by a server of this program.

mod real;
mod replay;

use std::error::Error;
use std::time::Instant;

use brokerscope_benchmarks::measure::{self, thousands};
use brokerscope_collectors::collector::Collector;
use brokerscope_contract::{EntityKind, Settings, Snapshot, System, Timestamp};
use real::Real;
use serde_json::json;

const NAMESPACES: usize = 100;
const TOPICS: usize = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).map_or(Ok(TOPICS), |text| text.parse())?;
    let real = Real::at(&real::web_address()?);
    real.fill(NAMESPACES, wanted).await?;
    let mut rows = Vec::new();
    let mut collector = collector(&real.root())?;
    rows.extend(visits(collector.as_mut(), "real broker").await?);
    let replay = replay::Replay::of(&real, NAMESPACES, TOPICS).await?;
    let mut collector = self::collector(&replay.root())?;
    rows.extend(visits(collector.as_mut(), "its answers, repeated").await?);
    println!("One standalone broker; a subscription on each topic and {NAMESPACES} namespaces.\n");
    println!("| visit | topics | requests | bytes | time | bar |");
    println!("|---|---|---|---|---|---|");
    rows.iter().for_each(|row| println!("{row}"));
    println!("\nPeak memory {:.0} MB.", measure::peak_memory() as f64 / 1e6);
    Ok(())
}

fn collector(root: &str) -> Result<Box<dyn Collector>, Box<dyn Error>> {
    let settings: Settings = serde_json::from_value(json!({"admin_urls": [root], "timeout_seconds": 60,
        "namespaces": [real::TENANT]}))?;
    let factory = brokerscope_collectors::factory(System::Pulsar).ok_or("this build has no Pulsar")?;
    factory
        .build(&settings)
        .map_err(|problems| format!("{problems:?}").into())
}

/// The first visits, on which everything is new, and one in the steady state.
async fn visits(collector: &mut dyn Collector, whose: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let names = ["first", "second, with policies", "third", "fourth"];
    let mut rows = Vec::new();
    let mut topics = 0;
    for (number, name) in names.into_iter().enumerate() {
        let at = Timestamp(1_795_450_000_000 + number as i64 * 60_000);
        let started = Instant::now();
        let snapshot = collector.collect(at).await?;
        let seconds = started.elapsed().as_secs_f64();
        topics = topics.max(count(&snapshot));
        rows.push(format!(
            "| {whose}, {name} | {} | {} | {:.1} MB | {seconds:.2} s | 2 s, {} requests |",
            thousands(topics as u64),
            snapshot.cost.requests,
            snapshot.cost.bytes as f64 / 1e6,
            NAMESPACES + 1,
        ));
    }
    Ok(rows)
}

fn count(snapshot: &Snapshot) -> usize {
    let topics = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Topic);
    topics.filter(|entity| !entity.internal).count()
}
