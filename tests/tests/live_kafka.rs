//! Against a real Kafka, old and new: lag is end minus committed, exactly, once traffic stops.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, Verdict};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::{Product, kafka, patience::eventually};
use serde_json::json;

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}.{nanos}")
}

async fn watch(endpoints: &Endpoints) -> Product {
    let product = Product::start().await;
    let settings = json!({"bootstrap_servers": endpoints.bootstrap, "interval_seconds": 5});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "kafka", "system": "kafka", "settings": settings}),
        )
        .await;
    product
}

async fn group(product: &Product, group: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{}?q={group}", path::SUBSCRIPTIONS);
    eventually(&format!("{group}: {what}"), 120, || async {
        let rows: Rows = product.get(&path).await;
        rows.page
            .items
            .into_iter()
            .find(|row| row.entity.name == group && accept(row))
    })
    .await
}

async fn lag_is_end_minus_committed(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let product = watch(&endpoints).await;
    let (topic, name) = (unique("orders"), unique("billing"));
    kafka::create_topic(&endpoints, &topic, 4).await;
    kafka::produce(&endpoints, &topic, 400).await;
    kafka::consume(&endpoints, &topic, &name, 150).await;
    let truth = kafka::lag(&endpoints, &topic, &name, 4).await;
    assert_eq!(truth, 250);
    let seen = group(&product, &name, "250 messages behind", |row| {
        row.lag.value == Some(250.0)
    })
    .await;
    assert_eq!(seen.entity.kind, EntityKind::ConsumerGroup);
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, seen.entity.id.0)).await;
    assert!(!detail.parts.is_empty(), "the group's page lists its partitions");
    kafka::consume(&endpoints, &topic, &name, 250).await;
    group(&product, &name, "caught up", |row| row.lag.value == Some(0.0)).await;
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn lag_is_end_minus_committed_on_4_1() {
    lag_is_end_minus_committed("kafka").await;
}

#[tokio::test]
async fn lag_is_end_minus_committed_on_3_9() {
    lag_is_end_minus_committed("kafka-3.9").await;
}

#[tokio::test]
async fn lag_is_end_minus_committed_on_a_cluster_of_three() {
    lag_is_end_minus_committed("kafka-cluster").await;
}

/// Topics may hold only letters, digits, dots and dashes; groups may be called anything.
#[tokio::test]
async fn odd_names_of_groups_are_shown_as_they_are() {
    let Some(endpoints) = broker("kafka") else { return };
    let product = watch(&endpoints).await;
    let topic = unique("odd");
    kafka::create_topic(&endpoints, &topic, 1).await;
    kafka::produce(&endpoints, &topic, 7).await;
    let long = "\u{E9}".repeat(125);
    let names = [
        "a/b c%20d",
        "<img src=x onerror=alert(1)>",
        "quote\"'`\\",
        "\u{1F407}\u{202E}tibbar",
        "two\nlines\ttab",
        "connect-",
        long.as_str(),
    ];
    for name in names {
        let name = unique(name);
        kafka::commit(&endpoints, &topic, &name, 0..1).await;
        let row = eventually(&format!("{name:?} is 7 messages behind"), 120, || async {
            let rows: Rows = product.get(&format!("{}?limit=500", path::SUBSCRIPTIONS)).await;
            let mut rows = rows.page.items.into_iter();
            rows.find(|row| row.entity.name == name && row.lag.value == Some(7.0))
        })
        .await;
        let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, row.entity.id.0)).await;
        assert_eq!(detail.row.entity.name, name);
        assert!(
            detail.parts.iter().any(|part| part.entity.name == "0"),
            "its partition is listed: {:?}",
            detail.parts
        );
    }
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn a_group_that_left_with_messages_waiting_is_called_so() {
    let Some(endpoints) = broker("kafka") else { return };
    let product = watch(&endpoints).await;
    let (topic, name) = (unique("payments"), unique("capture"));
    kafka::create_topic(&endpoints, &topic, 2).await;
    kafka::produce(&endpoints, &topic, 50).await;
    kafka::consume(&endpoints, &topic, &name, 10).await;
    let seen = group(&product, &name, "no consumer", |row| {
        row.judgement.verdict == Verdict::NoConsumer
    })
    .await;
    assert!(seen.judgement.sentence.contains("40"), "{}", seen.judgement.sentence);
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn one_dead_node_of_three_blanks_nothing() {
    let Some(endpoints) = broker("kafka-cluster") else {
        return;
    };
    let product = watch(&endpoints).await;
    let view = eventually("three brokers are seen", 60, || async {
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
