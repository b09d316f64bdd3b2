//! Against a real NATS, alone and as a cluster: what waits and what is in flight, exactly, once traffic stops.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, Verdict};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::{Product, nats, patience::eventually};
use serde_json::{Value, json};

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}_{nanos}")
}

async fn watch(settings: Value) -> Product {
    let product = Product::start().await;
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "nats", "system": "nats", "settings": settings}),
        )
        .await;
    product
}

fn login(endpoints: &Endpoints, user: &str) -> Value {
    json!({"servers": endpoints.bootstrap, "login": "password", "user": user, "password": user, "interval_seconds": 5})
}

/// The consumer of a stream with a name of its own, once it is as expected.
async fn consumer(product: &Product, name: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{}?q={name}", path::SUBSCRIPTIONS);
    eventually(&format!("{name}: {what}"), 60, || async {
        let rows: Rows = product.get(&path).await;
        rows.page
            .items
            .into_iter()
            .find(|row| row.entity.name == name && accept(row))
    })
    .await
}

async fn lag_is_what_waits_and_what_is_in_flight(name: &str, settings: impl Fn(&Endpoints) -> Value) {
    let Some(endpoints) = broker(name) else { return };
    let product = watch(settings(&endpoints)).await;
    let (stream, reader) = (unique("ORDERS"), unique("billing"));
    let client = nats::client(&endpoints, "product-test").await;
    nats::create_stream(&client, &stream, &reader).await;
    nats::publish(&client, &stream, 50).await;
    nats::consume(&client, &stream, &reader, 20, 12).await;
    assert_eq!(
        nats::waiting_and_in_flight(&client, &stream, &reader).await,
        (30.0, 8.0)
    );
    let seen = consumer(&product, &reader, "38 behind", |row| row.lag.value == Some(38.0)).await;
    assert_eq!(seen.entity.kind, EntityKind::StreamConsumer);
    nats::delete_stream(&client, &stream).await;
}

#[tokio::test]
async fn lag_through_the_system_account() {
    lag_is_what_waits_and_what_is_in_flight("nats", |endpoints| login(endpoints, "sys")).await;
}

#[tokio::test]
async fn lag_through_an_ordinary_account() {
    lag_is_what_waits_and_what_is_in_flight("nats", |endpoints| login(endpoints, "watcher")).await;
}

#[tokio::test]
async fn lag_through_monitoring_ports() {
    let ports = |endpoints: &Endpoints| json!({"monitoring_urls": endpoints.management, "interval_seconds": 5});
    lag_is_what_waits_and_what_is_in_flight("nats", ports).await;
}

#[tokio::test]
async fn lag_on_an_older_server() {
    lag_is_what_waits_and_what_is_in_flight("nats-2.10", |endpoints| login(endpoints, "sys")).await;
}

/// Their names are random: each would be a row and some series for ever.
#[tokio::test]
async fn ephemeral_consumers_that_come_and_go_are_one_row() {
    let Some(endpoints) = broker("nats") else { return };
    let product = watch(login(&endpoints, "sys")).await;
    let (stream, reader) = (unique("CHURN"), unique("billing"));
    let client = nats::client(&endpoints, "product-test").await;
    nats::create_stream(&client, &stream, &reader).await;
    nats::publish(&client, &stream, 2).await;
    let path = format!("{}?q={stream}", path::SUBSCRIPTIONS);
    for _ in 0..3 {
        nats::create_ephemeral(&client, &stream, 40).await;
        let rows = eventually(&format!("{stream}: ephemeral consumers are seen"), 60, || async {
            // They live for a second: some are kept up until a visit has seen them.
            nats::create_ephemeral(&client, &stream, 10).await;
            let rows: Rows = product.get(&path).await;
            let seen = |row: &EntityRow| row.entity.name != reader && row.depth.value.is_some_and(|depth| depth > 0.0);
            let described = |row: &EntityRow| row.entity.name == reader;
            (rows.page.items.iter().any(seen) && rows.page.items.iter().any(described)).then_some(rows)
        })
        .await;
        assert_eq!(
            rows.page.total, 2,
            "the durable one, and all others together: {:?}",
            rows.page.items
        );
    }
    nats::delete_stream(&client, &stream).await;
}

#[tokio::test]
async fn lag_in_a_cluster() {
    lag_is_what_waits_and_what_is_in_flight("nats-cluster", |endpoints| login(endpoints, "sys")).await;
}

#[tokio::test]
async fn one_address_of_a_cluster_shows_all_servers() {
    let Some(endpoints) = broker("nats-cluster") else {
        return;
    };
    let mut settings = login(&endpoints, "sys");
    settings["servers"] = json!([endpoints.bootstrap[0]]);
    let product = watch(settings).await;
    let view = eventually("three servers are seen", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let view = views.into_iter().next()?;
        (view.server.nodes == Some(3)).then_some(view)
    })
    .await;
    assert_ne!(
        view.judgement.verdict,
        Verdict::Unreachable,
        "{}",
        view.judgement.sentence
    );
}
