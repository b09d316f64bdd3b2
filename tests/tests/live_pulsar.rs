//! Against a real Pulsar, old and new: what the product shows is what was sent, taken and given up.

use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::{path, topology::Topology};
use brokerscope_contract::{EntityKind, LinkKind};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::pulsar::Traffic;
use brokerscope_tests::{Product, patience::eventually};
use serde_json::json;

/// A name that no other test and no earlier run uses.
fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}{nanos}")
}

async fn watch(endpoints: &Endpoints, traffic: &Traffic) -> Product {
    let product = Product::start().await;
    let settings =
        json!({"admin_urls": endpoints.management, "namespaces": [traffic.namespace], "interval_seconds": 5});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "pulsar", "system": "pulsar", "settings": settings}),
        )
        .await;
    product
}

async fn row(product: &Product, list: &str, name: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{list}?q={name}");
    eventually(&format!("{name}: {what}"), 120, || async {
        let rows: Rows = product.get(&path).await;
        rows.page
            .items
            .into_iter()
            .find(|row| row.entity.name == name && accept(row))
    })
    .await
}

async fn backlog_is_sent_minus_acknowledged(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let traffic = Traffic::in_namespace(&endpoints, "product", &unique("n")).await;
    let (topic, billing) = (unique("orders"), unique("billing"));
    traffic.create(&topic, 3).await;
    traffic.subscribe(&topic, &billing).await;
    let producer = traffic.produce(&topic, "checkout", 40).await;
    let consumer = traffic.consume(&topic, &billing, 15, "ack").await;
    let product = watch(&endpoints, &traffic).await;
    let seen = row(&product, path::SUBSCRIPTIONS, &billing, "25 of 40 are left", |row| {
        row.lag.value == Some(25.0)
    })
    .await;
    assert_eq!(seen.entity.kind, EntityKind::Subscription);
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, seen.entity.id.0)).await;
    assert!(!detail.parts.is_empty(), "the subscription's page lists its consumer");
    let topic = row(&product, path::DESTINATIONS, &topic, "it is one topic", |_| true).await;
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, topic.entity.id.0)).await;
    assert!(detail.parts.len() >= 3, "the topic's page lists its partitions");
    drop((producer, consumer));
}

#[tokio::test]
async fn backlog_is_sent_minus_acknowledged_on_4_2() {
    backlog_is_sent_minus_acknowledged("pulsar").await;
}

#[tokio::test]
async fn backlog_is_sent_minus_acknowledged_on_4_0() {
    backlog_is_sent_minus_acknowledged("pulsar-4.0").await;
}

#[tokio::test]
async fn letters_given_up_are_an_edge_of_the_topology() {
    let Some(endpoints) = broker("pulsar") else { return };
    let traffic = Traffic::in_namespace(&endpoints, "product", &unique("n")).await;
    traffic.create("refunds", 0).await;
    traffic.subscribe("refunds", "bank").await;
    let producer = traffic.produce("refunds", "desk", 3).await;
    // Each message comes twice, and then no more.
    let consumer = traffic.consume("refunds", "bank", 6, "nack").await;
    let product = watch(&endpoints, &traffic).await;
    row(&product, path::DESTINATIONS, "refunds-bank-DLQ", "it is there", |_| {
        true
    })
    .await;
    eventually("the edge to the dead letters", 60, || async {
        let topology: Topology = product.get(path::TOPOLOGY).await;
        let found = topology.edges.iter().any(|edge| edge.kind == LinkKind::DeadLetter);
        found.then_some(())
    })
    .await;
    drop((producer, consumer));
}
