//! Against a real RabbitMQ, old and new: what the product shows is what the broker's own tool says.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::{path, topology::Topology};
use brokerscope_contract::{EntityKind, LinkKind, Status, Verdict};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::rabbitmq::{Traffic, ctl_counts};
use brokerscope_tests::{Product, patience::eventually};
use lapin::types::{AMQPValue, FieldTable};
use serde_json::{Value, json};

/// A name that no other test and no earlier run uses.
fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}.{nanos}")
}

fn settings(endpoints: &Endpoints) -> Value {
    json!({"management_urls": endpoints.management, "prometheus_urls": endpoints.prometheus,
        "user": "guest", "password": "guest", "interval_seconds": 5})
}

async fn watch(endpoints: &Endpoints) -> Product {
    let product = Product::start().await;
    let body = json!({"name": "rabbit", "system": "rabbitmq", "settings": settings(endpoints)});
    product.post(path::CONNECTIONS, &body).await;
    product
}

/// The row of `queue` once `accept` likes it.
async fn row(product: &Product, queue: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!(
        "{}?q={}",
        path::DESTINATIONS,
        queue.replace(' ', "%20").replace('/', "%2F").replace('&', "%26")
    );
    eventually(&format!("{queue}: {what}"), 90, || async {
        let rows: Rows = product.get(&path).await;
        rows.page
            .items
            .into_iter()
            .find(|row| row.entity.name == queue && accept(row))
    })
    .await
}

async fn depth_and_in_flight_equal_what_rabbitmqctl_says(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let (product, traffic) = (watch(&endpoints).await, Traffic::connect(&endpoints).await);
    let queue = unique("orders.created");
    traffic.declare(&queue, FieldTable::default()).await;
    traffic.publish(&queue, 120).await;
    let consumer = traffic.consume(&queue, "slow-one", 7).await;
    let seen = row(&product, &queue, "113 wait and 7 are in flight", |row| {
        row.depth.value == Some(113.0) && row.in_flight.value == Some(7.0)
    })
    .await;
    assert_eq!(ctl_counts(&endpoints, &queue), Some((113, 7)));
    assert_eq!(seen.consumers.value, Some(1.0));
    drop(consumer);
    traffic.delete(&queue).await;
    let detail: EntityDetail = eventually("the queue is gone, its page is not", 90, || async {
        let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, seen.entity.id.0)).await;
        detail.deleted_at.is_some().then_some(detail)
    })
    .await;
    assert_eq!(detail.row.entity.name, queue);
}

#[tokio::test]
async fn depth_and_in_flight_equal_what_rabbitmqctl_says_on_4_3() {
    depth_and_in_flight_equal_what_rabbitmqctl_says("rabbitmq").await;
}

#[tokio::test]
async fn depth_and_in_flight_equal_what_rabbitmqctl_says_on_3_10() {
    depth_and_in_flight_equal_what_rabbitmqctl_says("rabbitmq-3.10").await;
}

#[tokio::test]
async fn messages_without_a_reader_are_called_no_consumer() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, traffic) = (watch(&endpoints).await, Traffic::connect(&endpoints).await);
    let queue = unique("nobody.reads");
    traffic.declare(&queue, FieldTable::default()).await;
    traffic.publish(&queue, 12).await;
    let seen = row(&product, &queue, "no consumer", |row| {
        row.judgement.verdict == Verdict::NoConsumer
    })
    .await;
    assert!(seen.judgement.sentence.contains("12"), "{}", seen.judgement.sentence);
    assert_eq!(traffic.take(&queue, 12).await, 12);
    row(&product, &queue, "ok again", |row| row.judgement.verdict == Verdict::Ok).await;
    traffic.delete(&queue).await;
}

#[tokio::test]
async fn a_consumer_that_holds_its_whole_prefetch_and_acknowledges_nothing_is_not_consuming() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, traffic) = (watch(&endpoints).await, Traffic::connect(&endpoints).await);
    let queue = unique("stuck");
    traffic.declare(&queue, FieldTable::default()).await;
    traffic.publish(&queue, 40).await;
    let consumer = traffic.consume(&queue, "stuck-one", 5).await;
    row(&product, &queue, "connected, not consuming", |row| {
        row.judgement.verdict == Verdict::NotConsuming
    })
    .await;
    drop(consumer);
    traffic.delete(&queue).await;
}

#[tokio::test]
async fn a_dead_letter_queue_is_linked_from_its_source() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, traffic) = (watch(&endpoints).await, Traffic::connect(&endpoints).await);
    let (queue, dead) = (unique("payments"), unique("payments.dlq"));
    traffic.declare(&dead, FieldTable::default()).await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
    arguments.insert(
        "x-dead-letter-routing-key".into(),
        AMQPValue::LongString(dead.as_str().into()),
    );
    arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(1));
    traffic.declare(&queue, arguments).await;
    traffic.publish(&queue, 9).await;
    let source = row(&product, &queue, "a dead-letter destination", |row| {
        row.dead_letter.is_some()
    })
    .await;
    assert_eq!(source.dead_letter.map(|target| target.name), Some(dead.clone()));
    let target = row(&product, &dead, "9 dead letters", |row| row.depth.value == Some(9.0)).await;
    let topology: Topology = product
        .get(&format!("{}?focus={}&hops=2", path::TOPOLOGY, target.entity.id.0))
        .await;
    let edge = topology
        .edges
        .iter()
        .find(|edge| edge.kind == LinkKind::DeadLetter)
        .expect("a dead-letter edge");
    assert!(topology.nodes.iter().any(|node| node.entity.id == edge.from));
    traffic.delete(&queue).await;
    traffic.delete(&dead).await;
}

#[tokio::test]
async fn odd_names_are_shown_as_they_are() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, traffic) = (watch(&endpoints).await, Traffic::connect(&endpoints).await);
    let names = [
        "a/b c",
        "<img src=x onerror=alert(1)>",
        "quote\"'`",
        "\u{1F407}\u{202E}tibbar",
        "100%",
    ];
    for name in names {
        let queue = unique(name);
        traffic.declare(&queue, FieldTable::default()).await;
        traffic.publish(&queue, 1).await;
        let detail = eventually(&format!("{queue} has a page"), 60, || async {
            let rows: Rows = product.get(&format!("{}?limit=500", path::DESTINATIONS)).await;
            let row = rows.page.items.into_iter().find(|row| row.entity.name == queue)?;
            Some(
                product
                    .get::<EntityDetail>(&format!("{}/{}", path::ENTITIES, row.entity.id.0))
                    .await,
            )
        })
        .await;
        assert_eq!(detail.row.entity.name, queue);
        traffic.delete(&queue).await;
    }
}

#[tokio::test]
async fn a_wrong_password_is_called_that() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let product = Product::start().await;
    let mut settings = settings(&endpoints);
    settings["password"] = json!("not-the-password");
    let created = product
        .post(
            path::CONNECTIONS,
            &json!({"name": "r", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    let view = eventually("the login is refused", 30, || async {
        let view: ConnectionView = product.get(&format!("{}/{}", path::CONNECTIONS, created["id"])).await;
        (view.judgement.verdict == Verdict::Unreachable).then_some(view)
    })
    .await;
    let sentence = view.judgement.sentence.to_lowercase();
    assert!(
        sentence.contains("password") || sentence.contains("login"),
        "{sentence}"
    );
}

#[tokio::test]
async fn every_node_of_a_cluster_is_there_with_its_checks() {
    let Some(endpoints) = broker("rabbitmq-cluster") else {
        return;
    };
    let product = watch(&endpoints).await;
    let health = eventually("three nodes have checks", 60, || async {
        let health: Vec<brokerscope_contract::api::health::HealthView> = product.get(path::HEALTH).await;
        let nodes: std::collections::BTreeSet<_> = health
            .first()?
            .checks
            .iter()
            .filter(|check| check.entity.kind == EntityKind::Node)
            .map(|check| check.entity.name.clone())
            .collect();
        (nodes.len() == 3).then_some(health)
    })
    .await;
    assert!(
        health[0].checks.iter().all(|check| check.status != Status::Critical),
        "{:?}",
        health[0].checks
    );
}
