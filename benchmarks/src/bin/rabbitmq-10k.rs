//! Ten thousand queues on a real RabbitMQ: what one visit takes, and what it costs the broker beside `GET /api/queues`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::{Duration, Instant};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::measure::{cpu_seconds, percentile};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Product, rabbitmq};
use serde_json::json;

const QUEUES: usize = 10_000;
const VISITS: usize = 12;
const INTERVAL_SECONDS: u64 = 15;

#[tokio::main]
async fn main() {
    let endpoints = broker("rabbitmq").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=rabbitmq");
    let traffic = rabbitmq::Traffic::connect(&endpoints).await;
    // Tests may have left some. One queue more than ten thousand and they are all asked about four times as rarely.
    let own = QUEUES - standing(&endpoints).await;
    eprintln!("declaring {own} queues, to make {QUEUES}");
    for number in 0..own {
        traffic.declare(&name(number), Default::default()).await;
    }
    for number in 0..100 {
        traffic.publish(&name(number), 10).await;
    }
    let broker_pid = rabbitmq::node_pid(&endpoints);
    let idle = share_of_core(broker_pid, 20).await;
    let product = Product::start().await;
    let settings = json!({"management_urls": endpoints.management, "prometheus_urls": endpoints.prometheus,
        "user": "guest", "password": "guest", "interval_seconds": INTERVAL_SECONDS});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    eprintln!("watching");
    let view = || async { product.get::<Vec<ConnectionView>>(path::CONNECTIONS).await.remove(0) };
    eventually("the first visits", 120, || async {
        let view = view().await;
        (view.revision >= 2 && view.destinations >= QUEUES).then_some(())
    })
    .await;
    let tier = view().await.server.tier.unwrap_or_default();
    assert!(
        tier.contains(&format!("every queue every {INTERVAL_SECONDS} s")),
        "each visit is to ask for every queue, and this is: {tier}"
    );
    let (ours, theirs, begin) = (cpu_seconds(product.pid()), cpu_seconds(broker_pid), Instant::now());
    let mut walls = Vec::new();
    let mut last = view().await.revision;
    while walls.len() < VISITS {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = view().await;
        if now.revision > last {
            last = now.revision;
            walls.extend(now.cost.map(|cost| cost.seconds));
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let per_visit = |before: Option<f64>, pid| (cpu_seconds(pid)? - before?).into();
    let ours: Option<f64> = per_visit(ours, product.pid());
    let theirs: Option<f64> = per_visit(theirs, broker_pid);
    let ours = ours.unwrap_or(f64::NAN) / VISITS as f64;
    let theirs = (theirs.unwrap_or(f64::NAN) - idle * seconds) / VISITS as f64;
    drop(product);
    let rival = rival(&endpoints, broker_pid, idle).await;
    println!(
        "RabbitMQ {}, {QUEUES} classic queues, {VISITS} visits, one every {INTERVAL_SECONDS} s.\n",
        endpoints.version
    );
    println!("| figure | one visit | `GET /api/queues` | bar |\n|---|---|---|---|");
    println!(
        "| wall, median (slowest) | {:.3} s ({:.3} s) | {:.3} s | 0.5 s |",
        percentile(&walls, 0.5),
        percentile(&walls, 1.0),
        rival.0
    );
    println!("| our CPU, storing and judging included | {ours:.3} s | - | 0.15 s |");
    println!("| the broker's CPU | {theirs:.3} s | {:.3} s | half of it |", rival.1);
    eprintln!("removing the queues");
    for number in 0..own {
        traffic.delete(&name(number)).await;
    }
}

/// Queues that the broker has before any is declared.
async fn standing(endpoints: &Endpoints) -> usize {
    let request = reqwest::Client::new().get(format!("{}/api/overview", endpoints.management[0]));
    let answer = request
        .basic_auth("guest", Some("guest"))
        .send()
        .await
        .expect("the broker answers");
    let overview: serde_json::Value = answer.json().await.expect("it is JSON");
    let queues = overview["object_totals"]["queues"]
        .as_u64()
        .expect("it counts its queues");
    usize::try_from(queues).expect("a number of queues")
}

fn name(number: usize) -> String {
    format!("bench.{number:05}")
}

/// What the process uses when nobody asks it anything, as a share of one core.
async fn share_of_core(pid: u32, seconds: u64) -> f64 {
    let before = cpu_seconds(pid).unwrap_or(0.0);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    (cpu_seconds(pid).unwrap_or(0.0) - before) / seconds as f64
}

/// Median wall time and mean CPU of the broker for the whole list of queues, five times.
async fn rival(endpoints: &Endpoints, pid: u32, idle: f64) -> (f64, f64) {
    let client = reqwest::Client::new();
    let (before, begin, mut walls) = (cpu_seconds(pid).unwrap_or(0.0), Instant::now(), Vec::new());
    for _ in 0..5 {
        let asked = Instant::now();
        let url = format!("{}/api/queues", endpoints.management[0]);
        let answer = client
            .get(url)
            .basic_auth("guest", Some("guest"))
            .send()
            .await
            .expect("the broker answers");
        let bytes = answer.bytes().await.expect("a whole answer");
        assert!(
            bytes.len() > 1_000_000,
            "the list of {QUEUES} queues is larger than {} bytes",
            bytes.len()
        );
        walls.push(asked.elapsed().as_secs_f64());
        // Longer than the management plugin's cache of the answer lives.
        tokio::time::sleep(Duration::from_secs(15)).await;
    }
    let used = cpu_seconds(pid).unwrap_or(0.0) - before - idle * begin.elapsed().as_secs_f64();
    (percentile(&walls, 0.5), used / 5.0)
}
