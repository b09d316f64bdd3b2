//! How soon the demo is seen after the start of the process, and what it costs to let it run.
//!
//! The minutes that it is watched for may be given as the argument.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::{Duration, Instant};

use brokerscope_contract::Verdict;
use brokerscope_contract::api::demo::DemoView;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_tests::Product;
use brokerscope_tests::measure::{cpu_seconds, percentile, resident_bytes};

/// As long as the bars are stated for.
const MINUTES: u64 = 10;
const STARTS: usize = 5;
/// All topics and groups of the shop.
const DESTINATIONS: usize = 14;
const SUBSCRIPTIONS: usize = 8;

#[tokio::main]
async fn main() {
    let minutes = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(MINUTES);
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        starts.push(started().await.1);
    }
    let (product, last) = started().await;
    starts.push(last);
    let before = cpu_seconds(product.pid()).expect("the process lives");
    let mut memory = Vec::new();
    for _ in 0..minutes * 60 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory.extend(resident_bytes(product.pid()).map(|bytes| bytes as f64 / 1e6));
    }
    let used = cpu_seconds(product.pid()).expect("the process lives") - before;
    let demo: DemoView = product.get(path::DEMO).await;
    let orders = demo.totals.orders;
    println!("The demo at its usual pace of about 200 messages/s, {minutes} minutes, {orders} orders.\n");
    println!("| figure | value | bar |\n|---|---|---|");
    println!(
        "| process start to first complete overview, median of {STARTS} / largest | {:.2} s / {:.2} s | 3 s |",
        percentile(&starts, 0.5),
        percentile(&starts, 1.0)
    );
    println!(
        "| resident memory, largest | {:.1} MB | 90 MB |",
        percentile(&memory, 1.0)
    );
    println!(
        "| processor, share of one core | {:.1} % | 10 % |",
        used / (minutes * 60) as f64 * 100.0
    );
}

/// A process that has just been started, and how many seconds passed until its overview showed the whole shop.
async fn started() -> (Product, f64) {
    let begun = Instant::now();
    let product = Product::start_first().await;
    loop {
        let overview: Overview = product.get(path::OVERVIEW).await;
        let seen = overview.destinations >= DESTINATIONS && overview.subscriptions >= SUBSCRIPTIONS;
        if seen
            && overview
                .connections
                .iter()
                .all(|one| one.judgement.verdict == Verdict::Ok)
        {
            return (product, begun.elapsed().as_secs_f64());
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the demo is not seen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
