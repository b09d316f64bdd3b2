//! The demo shop as somebody meets it who has just started Brokerscope.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use brokerscope_contract::Verdict;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::demo::{DemoView, OrderTotals};
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::Topology;
use brokerscope_contract::connection::Origin;
use brokerscope_tests::Product;
use brokerscope_tests::patience::eventually;
use reqwest::Method;
use serde_json::json;

/// A first look has to show the shop within this time of the start.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// Members of groups are asked for once a minute, and a verdict needs two looks.
pub const SHOWS_WITHIN_SECONDS: u64 = 150;

/// The row of a topic or a group once it is as expected.
pub async fn row(
    product: &Product,
    table: &str,
    name: &str,
    what: &str,
    accept: impl Fn(&EntityRow) -> bool,
) -> EntityRow {
    let path = format!("{table}?q={name}");
    eventually(&format!("{name}: {what}"), SHOWS_WITHIN_SECONDS, || async {
        let rows: Rows = product.get(&path).await;
        let mut items = rows.page.items.into_iter();
        items.find(|row| row.entity.name == name && accept(row))
    })
    .await
}

pub async fn totals(product: &Product) -> OrderTotals {
    let demo: DemoView = product.get(path::DEMO).await;
    let totals = demo.totals;
    assert_eq!(
        totals.orders,
        totals.completed + totals.cancelled + totals.in_flight,
        "{totals:?}"
    );
    totals
}

#[tokio::test]
async fn on_the_first_start_the_whole_shop_is_seen_within_seconds() {
    let started = Instant::now();
    let product = Product::start_first().await;
    let view = eventually("the overview shows the shop", 20, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        let whole = overview.destinations >= 14 && overview.subscriptions >= 8;
        overview.connections.into_iter().find(|_| whole)
    })
    .await;
    let took = started.elapsed();
    assert!(took < FIRST_LOOK, "{took:?}");
    assert_eq!((view.name.as_str(), view.origin), ("Demo shop", Origin::Demo));
    assert_eq!((view.judgement.verdict, view.server.nodes), (Verdict::Ok, Some(3)));

    let topology: Topology = product.get(path::TOPOLOGY).await;
    let names: BTreeSet<&str> = topology.nodes.iter().map(|node| node.entity.name.as_str()).collect();
    for name in [
        "orders",
        "page-views",
        "payment-service",
        "inventory-service",
        "analytics-service",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let rate = |row: &EntityRow| row.rate_in.value.is_some_and(|rate| rate > 40.0);
    row(
        &product,
        path::DESTINATIONS,
        "page-views",
        "80 messages per second come in",
        rate,
    )
    .await;
    let totals = eventually("orders are completed", 30, || async {
        let totals = totals(&product).await;
        (totals.completed > 20).then_some(totals)
    })
    .await;
    assert!(totals.in_flight < totals.orders / 2, "{totals:?}");
}

#[tokio::test]
async fn switched_off_it_stays_off_until_it_is_switched_on() {
    let mut product = Product::start_first().await;
    let listed = async |product: &Product| {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        views.len()
    };
    eventually("the demo runs", 20, || async {
        (listed(&product).await == 1).then_some(())
    })
    .await;
    assert_eq!(product.send(Method::DELETE, path::DEMO, &json!({})).await.0, 204);
    assert_eq!(listed(&product).await, 0);
    for (method, path) in [
        (Method::GET, path::DEMO.to_string()),
        (Method::DELETE, path::DEMO.to_string()),
        (Method::POST, path::DEMO_RESET.to_string()),
        (Method::PUT, format!("{}/payment-slow", path::DEMO_FAULTS)),
    ] {
        let (status, problem) = product.send(method.clone(), &path, &json!({ "on": true })).await;
        assert_eq!((status, &problem["type"]), (404, &json!("demo_off")), "{method} {path}");
    }
    product.kill_and_restart();
    // As long as it takes to come up when it does.
    tokio::time::sleep(FIRST_LOOK).await;
    assert_eq!(listed(&product).await, 0);
    product.post(path::DEMO, &json!({})).await;
    assert_eq!(listed(&product).await, 1);
    let id = product.get::<DemoView>(path::DEMO).await.connection.0;
    let (status, problem) = product
        .send(Method::DELETE, &format!("{}/{id}", path::CONNECTIONS), &json!({}))
        .await;
    assert_eq!((status, &problem["type"]), (409, &json!("read_only")));
    let unknown = format!("{}/earthquake", path::DEMO_FAULTS);
    assert_eq!(product.send(Method::PUT, &unknown, &json!({ "on": true })).await.0, 404);
    product.kill_and_restart();
    eventually("it comes back after a restart", 20, || async {
        (listed(&product).await == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn hostile_bytes_close_their_connection_with_a_reason_in_the_log_and_harm_nothing() {
    let product = Product::start_first().await;
    let servers = eventually("the demo runs", 20, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let servers = views.first()?.settings.get("bootstrap_servers")?.as_array()?.clone();
        Some(servers)
    })
    .await;
    let server = servers[0].as_str().unwrap();
    for (bytes, reason) in [
        (&[0x7F, 0xFF, 0xFF, 0xFF, 0, 3][..], "a frame of 2147483647 bytes"),
        (&[0xFF; 40], "a frame of -1 bytes"),
        (b"GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes"),
        (
            &[0, 0, 0, 10, 0x27, 0x0F, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],
            "API key 9999 is not served here",
        ),
        (
            &[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
            "a list claims 2147483647 elements in 0 bytes",
        ),
    ] {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        let read = stream.read(&mut [0; 16]);
        assert!(!matches!(read, Ok(1..)), "{reason}: it answers");
        eventually(reason, 10, || async {
            let log = product.log();
            let mut lines = log.lines();
            lines
                .any(|line| line.contains("connection closed") && line.contains(reason))
                .then_some(())
        })
        .await;
    }
    let before = totals(&product).await;
    eventually("orders go on", 60, || async {
        (totals(&product).await.completed > before.completed + 20).then_some(())
    })
    .await;
}
