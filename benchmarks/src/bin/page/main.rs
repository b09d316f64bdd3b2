//! The page over ten thousand destinations: first load, largest paint, every answer behind a page, layout of the graph.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

mod graph;

use brokerscope_benchmarks::answers;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::broker;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Product, paint, rabbitmq};
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
    graph::layout(&product, &endpoints).await;
    for number in 0..QUEUES {
        traffic.delete(&format!("bench.{number:05}")).await;
    }
}

async fn first_load(product: &Product) {
    let loaded = paint::load(product, "", "destinations").await;
    println!(
        "| first load, compressed, fonts included | {:.0} KB | 350 KB |",
        loaded.bytes / 1000.0
    );
    println!(
        "| largest contentful paint, median of {} | {:.0} ms | 500 ms |",
        paint::LOADS,
        loaded.largest_paint
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
