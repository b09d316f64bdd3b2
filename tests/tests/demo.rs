//! The demo shop as somebody meets it who has just started Brokerscope, and its faults as the pages show them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::demo::{DemoView, OrderTotals};
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::health::HealthView;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::Topology;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Status, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::patience::eventually;
use reqwest::Method;
use serde_json::json;

/// A first look has to show the shop within this time of the start.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// Members of groups are asked for once a minute, and a verdict needs two looks.
const SHOWS_WITHIN_SECONDS: u64 = 150;

async fn switch(product: &Product, fault: &str, on: bool) {
    let path = format!("{}/{fault}", path::DEMO_FAULTS);
    let (status, answer) = product.send(Method::PUT, &path, &json!({ "on": on })).await;
    assert_eq!(status, 200, "{fault}: {answer}");
    let switched = answer["faults"].as_array().unwrap();
    let switched = switched.iter().find(|view| view["slug"] == fault).unwrap();
    assert_eq!(switched["on"], on);
}

/// The row of a topic or a group once it is as expected.
async fn row(product: &Product, table: &str, name: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{table}?q={name}");
    eventually(&format!("{name}: {what}"), SHOWS_WITHIN_SECONDS, || async {
        let rows: Rows = product.get(&path).await;
        let mut items = rows.page.items.into_iter();
        items.find(|row| row.entity.name == name && accept(row))
    })
    .await
}

async fn totals(product: &Product) -> OrderTotals {
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
async fn faults_of_consumers_show_on_their_groups_and_are_healed_by_reset() {
    let product = Product::start_first().await;
    let well = |row: &EntityRow| row.judgement.verdict == Verdict::Ok;
    row(&product, path::SUBSCRIPTIONS, "inventory-service", "well", well).await;
    for fault in ["inventory-stopped", "poison-message", "new-schema", "connection-leak"] {
        switch(&product, fault, true).await;
    }
    row(
        &product,
        path::SUBSCRIPTIONS,
        "inventory-service",
        "no consumer",
        |row| row.judgement.verdict == Verdict::NoConsumer,
    )
    .await;
    row(
        &product,
        path::SUBSCRIPTIONS,
        "notification-service",
        "far behind",
        |row| row.lag.value.is_some_and(|lag| lag > 500.0),
    )
    .await;
    row(&product, path::DESTINATIONS, "page-views.dlq", "dead letters", |row| {
        row.judgement.verdict == Verdict::DeadLetters
    })
    .await;
    row(
        &product,
        path::SUBSCRIPTIONS,
        "report-exporter",
        "is there with members",
        |row| row.consumers.value.is_some_and(|members| members > 1.0),
    )
    .await;
    totals(&product).await;
    let healed = product.post(path::DEMO_RESET, &json!({})).await;
    assert!(
        healed["faults"]
            .as_array()
            .unwrap()
            .iter()
            .all(|fault| fault["on"] == false)
    );
    for group in ["inventory-service", "notification-service"] {
        row(&product, path::SUBSCRIPTIONS, group, "well again", well).await;
    }
    totals(&product).await;
}

#[tokio::test]
async fn a_slow_provider_makes_payment_fall_behind_and_ten_times_the_traffic_raises_rates() {
    let product = Product::start_first().await;
    let rate_above = |least: f64| move |row: &EntityRow| row.rate_in.value.is_some_and(|rate| rate > least);
    row(
        &product,
        path::DESTINATIONS,
        "page-views",
        "the usual rate",
        rate_above(40.0),
    )
    .await;
    switch(&product, "payment-slow", true).await;
    row(&product, path::SUBSCRIPTIONS, "payment-service", "100 behind", |row| {
        row.lag.value.is_some_and(|lag| lag > 100.0)
    })
    .await;
    switch(&product, "payment-slow", false).await;
    switch(&product, "traffic-times-ten", true).await;
    row(
        &product,
        path::DESTINATIONS,
        "page-views",
        "many times the rate",
        rate_above(400.0),
    )
    .await;
    product.post(path::DEMO_RESET, &json!({})).await;
    totals(&product).await;
}

#[tokio::test]
async fn a_killed_node_is_missed_and_welcomed_back() {
    let product = Product::start_first().await;
    let nodes = async |wanted: u32| {
        eventually(&format!("{wanted} nodes are seen"), SHOWS_WITHIN_SECONDS, || async {
            let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
            let view = views.into_iter().next()?;
            (view.server.nodes == Some(wanted)).then_some(())
        })
        .await;
    };
    nodes(3).await;
    switch(&product, "node-killed", true).await;
    nodes(2).await;
    eventually("a check says so", SHOWS_WITHIN_SECONDS, || async {
        let health: Vec<HealthView> = product.get(path::HEALTH).await;
        let checks = health.into_iter().flat_map(|view| view.checks);
        let failing = checks
            .into_iter()
            .any(|check| check.status == Status::Critical || check.status == Status::Warning);
        failing.then_some(())
    })
    .await;
    let before = totals(&product).await;
    switch(&product, "node-killed", false).await;
    nodes(3).await;
    eventually("orders go on", 60, || async {
        (totals(&product).await.completed > before.completed + 50).then_some(())
    })
    .await;
}

#[tokio::test]
async fn faults_of_producers_and_replicas_show_where_they_say() {
    let product = Product::start_first().await;
    let rate_above = |least: f64| move |row: &EntityRow| row.rate_in.value.is_some_and(|rate| rate > least);
    // Some sixteen requests a second, each once.
    let usual = |row: &EntityRow| row.rate_in.value.is_some_and(|rate| (8.0..22.0).contains(&rate));
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "the usual rate",
        usual,
    )
    .await;
    switch(&product, "duplicates", true).await;
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "requests come twice",
        rate_above(24.0),
    )
    .await;
    for fault in ["out-of-sync", "hot-key", "retry-storm"] {
        switch(&product, fault, true).await;
    }
    row(
        &product,
        path::SUBSCRIPTIONS,
        "analytics-service",
        "200 behind",
        |row| row.lag.value.is_some_and(|lag| lag > 200.0),
    )
    .await;
    row(
        &product,
        path::DESTINATIONS,
        "payment-requests.retry-soon",
        "many retries",
        rate_above(2.0),
    )
    .await;
    let failing = async || {
        let health: Vec<HealthView> = product.get(path::HEALTH).await;
        let checks = health.into_iter().flat_map(|view| view.checks);
        let failing = checks.filter(|check| matches!(check.status, Status::Critical | Status::Warning));
        failing.count()
    };
    eventually(
        "a check says that replicas are behind",
        SHOWS_WITHIN_SECONDS,
        || async { (failing().await > 0).then_some(()) },
    )
    .await;
    totals(&product).await;
    product.post(path::DEMO_RESET, &json!({})).await;
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "the usual rate again",
        usual,
    )
    .await;
    eventually("all checks are well again", SHOWS_WITHIN_SECONDS, || async {
        (failing().await == 0).then_some(())
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
