//! The page over ten thousand destinations: first load, largest paint, every answer behind a page, layout of the graph.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::{Duration, Instant};

use brokerscope_benchmarks::answers;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_figures::layout::{Course, Edge, Node, Positions, Size, Spacing, arrange};
use brokerscope_tests::brokers::broker;
use brokerscope_tests::measure::percentile;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product, rabbitmq};
use serde_json::json;

const QUEUES: usize = 10_000;

#[tokio::main]
async fn main() {
    let endpoints = broker("rabbitmq").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=rabbitmq");
    let traffic = rabbitmq::Traffic::connect(&endpoints).await;
    for number in 0..QUEUES {
        traffic.declare(&format!("bench.{number:05}"), Default::default()).await;
    }
    let product = Product::start().await;
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest"});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    eventually("all queues are there", 180, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        (views[0].destinations >= QUEUES && views[0].revision >= 3).then_some(())
    })
    .await;
    println!(
        "RabbitMQ {}, {QUEUES} queues; loopback, headless Chromium.\n",
        endpoints.version
    );
    println!("| figure | value | bar |\n|---|---|---|");
    first_load(&product).await;
    behind_pages(&product).await;
    layout();
    for number in 0..QUEUES {
        traffic.delete(&format!("bench.{number:05}")).await;
    }
}

/// Loads the overview five times with an empty cache each.
async fn first_load(product: &Product) {
    let (mut paints, mut bytes) = (Vec::new(), 0.0);
    for _ in 0..5 {
        let browser = Browser::open()
            .await
            .expect("this benchmark needs BROKERSCOPE_TEST_CHROMIUM");
        browser.resize(1440, 1000).await;
        browser.goto(&product.url).await;
        browser.see("destinations", 20).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let paint = "new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))\
            .observe({type: 'largest-contentful-paint', buffered: true}))";
        paints.extend(browser.eval(paint).await.as_f64());
        let sum = "performance.getEntries().filter(e => e.encodedBodySize && !e.name.includes('/api/'))\
            .reduce((sum, e) => sum + e.encodedBodySize, 0)";
        bytes = browser.eval(sum).await.as_f64().unwrap_or(0.0);
    }
    println!(
        "| first load, compressed, fonts included | {:.0} KB | 350 KB |",
        bytes / 1000.0
    );
    println!(
        "| largest contentful paint, median of 5 | {:.0} ms | 500 ms |",
        percentile(&paints, 0.5)
    );
}

async fn behind_pages(product: &Product) {
    let rows: Rows = product.get(&format!("{}?limit=1", path::DESTINATIONS)).await;
    let entity = rows.page.items[0].entity.id.0;
    let to = rows.as_of.map_or(0, |at| at.0);
    let series = format!(
        "{}?entity={entity}&metrics=depth,in_flight&from={}&to={to}",
        path::SERIES,
        to - 3_600_000
    );
    let paths = [
        path::OVERVIEW.to_string(),
        path::CONNECTIONS.to_string(),
        format!("{}?limit=100", path::DESTINATIONS),
        format!("{}?limit=100&offset=5000&sort=name", path::DESTINATIONS),
        format!("{}?q=999", path::DESTINATIONS),
        format!("{}/{entity}", path::ENTITIES),
        series,
        format!("{}?focus={entity}", path::TOPOLOGY),
        path::TOPOLOGY.to_string(),
        path::HEALTH.to_string(),
        path::RULES.to_string(),
        path::ALERTS.to_string(),
    ];
    answers::print(&paths, async |path| drop(product.get::<serde_json::Value>(path).await)).await;
}

/// The graph of a shop of a thousand nodes: services, an exchange for each twenty queues, their readers, dead letters.
fn layout() {
    const NODES: i64 = 1_000;
    let nodes: Vec<Node> = (0..NODES)
        .map(|id| Node {
            id,
            width: 168.0,
            height: 46.0,
            caption: 14.0,
        })
        .collect();
    // 0..100 services, 100..140 exchanges, 140..940 queues, 940..1000 readers.
    let mut edges = Vec::new();
    let mut edge = |from, to, course| {
        let label = Some(Size {
            width: 46.0,
            height: 14.0,
        });
        edges.push(Edge {
            from,
            to,
            course,
            label,
        });
    };
    for service in 0..100 {
        edge(service, 100 + service % 40, Course::Flow);
    }
    for queue in 140..940 {
        edge(100 + (queue - 140) / 20, queue, Course::Flow);
        edge(queue, 940 + queue % 60, Course::Flow);
        if queue % 20 == 19 {
            edge(queue - 1, queue, Course::Aside);
        }
    }
    let millis: Vec<f64> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let drawing = arrange(&nodes, &edges, &Positions::default(), &Spacing::default());
            assert_eq!(drawing.nodes.len(), nodes.len(), "every node is placed");
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    let (middle, worst) = (percentile(&millis, 0.5), percentile(&millis, 1.0));
    let edges = edges.len();
    println!(
        "| layout of {NODES} nodes and {edges} edges, compiled natively, median / worst of 20 | {middle:.0} / {worst:.0} ms | 200 ms |"
    );
}
