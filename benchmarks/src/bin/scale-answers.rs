//! Every answer behind a page over a Kafka cluster of 10,000 topics, 40,000 partitions and 15,000 groups, asked for by
//! one page and by several at the same time. The embedded broker poses as that cluster.
//!
//! `scale-answers [topics] [groups]`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use brokerscope_tests::Product;
use brokerscope_tests::measure::{percentile, resident_bytes};
use brokerscope_tests::patience::eventually;
use reqwest::Client;
use serde_json::json;

const TOPICS: usize = 10_000;
const GROUPS: usize = 15_000;
const PARTITIONS: i32 = 4;
/// Of each question, by each of those who ask.
const REQUESTS: usize = 100;
/// Pages open at the same time.
const PAGES: usize = 4;
/// The columns that a table can be sorted by.
const COLUMNS: [&str; 10] = [
    "verdict",
    "name",
    "connection",
    "depth",
    "in_flight",
    "lag",
    "lag_seconds",
    "rate_in",
    "rate_out",
    "consumers",
];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut number = |usual| arguments.next().map_or(usual, |text| text.expect("a number"));
    let (topics, groups, requests) = (number(TOPICS), number(GROUPS), number(REQUESTS));
    let options = Options {
        nodes: 1,
        ..Options::default()
    };
    let broker = EmbeddedBroker::start(options).expect("the embedded broker starts");
    broker.handle().pose(topics, PARTITIONS, groups).expect("it poses");
    let product = Product::start().await;
    let settings = json!({"bootstrap_servers": broker.bootstrap_servers()});
    let connection = json!({"name": "large", "system": "kafka", "settings": settings});
    product.post(path::CONNECTIONS, &connection).await;
    eventually("all topics and groups are there", 600, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let view = &views[0];
        (view.destinations >= topics && view.subscriptions >= groups && view.revision >= 2).then_some(())
    })
    .await;
    println!(
        "{topics} topics of {PARTITIONS} partitions, {groups} groups, posed by the embedded broker; {requests} requests each.\n"
    );
    println!("| answer, p50 / p99 | one page | {PAGES} pages at once | size | bar |\n|---|---|---|---|---|");
    let http = Client::builder().gzip(true).build().expect("a client");
    for path in questions(&product).await {
        let url = Arc::new(format!("{}{path}", product.url));
        let (alone, bytes) = ask(&http, &url, requests).await;
        let pages = (0..PAGES).map(|_| {
            let (http, url) = (http.clone(), url.clone());
            tokio::spawn(async move { ask(&http, &url, requests).await.0 })
        });
        let mut together = Vec::new();
        for page in futures_util::future::join_all(pages).await {
            together.extend(page.expect("a page asks to the end"));
        }
        println!(
            "| `GET {path}` | {} | {} | {:.0} KB | 50 ms |",
            summary(&alone),
            summary(&together),
            bytes as f64 / 1e3
        );
    }
    let memory = resident_bytes(product.pid()).unwrap_or(0) as f64 / 1e6;
    println!("\nMemory of the process: {memory:.0} MB.");
    broker.shutdown();
}

fn summary(millis: &[f64]) -> String {
    format!("{:.1} / {:.1} ms", percentile(millis, 0.5), percentile(millis, 0.99))
}

/// What the pages ask for.
async fn questions(product: &Product) -> Vec<String> {
    let first = async |table: &str| {
        let rows: Rows = product.get(&format!("{table}?limit=1&sort=name")).await;
        rows.page.items[0].entity.id.0
    };
    let (topic, group) = (first(path::DESTINATIONS).await, first(path::SUBSCRIPTIONS).await);
    let mut all = vec![
        path::OVERVIEW.to_string(),
        path::CONNECTIONS.to_string(),
        path::HEALTH.to_string(),
        path::TOPOLOGY.to_string(),
        format!("{}?find=0777", path::TOPOLOGY),
        format!("{}?focus={topic}", path::TOPOLOGY),
        format!("{}/{topic}", path::ENTITIES),
        format!("{}/{group}", path::ENTITIES),
        path::RULES.to_string(),
        path::ALERTS.to_string(),
        "/metrics".to_string(),
    ];
    for table in [path::DESTINATIONS, path::SUBSCRIPTIONS] {
        all.extend(COLUMNS.map(|column| format!("{table}?sort={column}")));
        all.push(format!("{table}?sort=name&offset=5000"));
        all.push(format!("{table}?q=0999"));
        all.push(format!("{table}?verdict=attention"));
    }
    all
}

/// The milliseconds of each of so many requests, one after the other, and the size of the last answer as it is sent.
async fn ask(http: &Client, url: &str, requests: usize) -> (Vec<f64>, usize) {
    let (mut millis, mut bytes) = (Vec::new(), 0);
    for _ in 0..requests {
        let asked = Instant::now();
        let answer = http.get(url).send().await.expect("the product answers");
        assert!(answer.status().is_success(), "GET {url}: {}", answer.status());
        bytes = answer.bytes().await.expect("a whole body").len();
        millis.push(asked.elapsed().as_secs_f64() * 1000.0);
        // A page draws before it asks again.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    (millis, bytes)
}
