//! Against stand-ins for SQS: what is sent, held and given up is what the pages say.

use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::{Product, aws, patience::eventually};
use serde_json::json;

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}-{nanos}")
}

async fn watch(endpoints: &Endpoints) -> Product {
    let product = Product::start().await;
    let settings = json!({
        "regions": [aws::REGION], "credentials": "keys", "access_key_id": "test", "secret_access_key": "test",
        "endpoint_url": endpoints.management[0], "interval_seconds": 15, "cloudwatch": "off",
    });
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "aws", "system": "aws_sqs", "settings": settings}),
        )
        .await;
    product
}

async fn queue(product: &Product, queue: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{}?q={queue}", path::DESTINATIONS);
    eventually(&format!("{queue}: {what}"), 60, || async {
        let rows: Rows = product.get(&path).await;
        rows.page
            .items
            .into_iter()
            .find(|row| row.entity.name == queue && accept(row))
    })
    .await
}

async fn depth_in_flight_and_dead_letters(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let (dead_name, name) = (unique("dead"), unique("orders"));
    let (dead, arn) = aws::create_queue(&endpoints, &dead_name, json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": "3"}).to_string();
    let (url, _) = aws::create_queue(&endpoints, &name, json!({"RedrivePolicy": policy})).await;
    aws::send(&endpoints, &url, 7).await;
    aws::receive(&endpoints, &url, 2, 600).await;
    aws::send(&endpoints, &dead, 1).await;
    let product = watch(&endpoints).await;
    let seen = queue(&product, &name, "5 wait, 2 are held", |row| {
        (row.depth.value, row.in_flight.value) == (Some(5.0), Some(2.0))
    })
    .await;
    assert_eq!(seen.dead_letter.map(|entity| entity.name), Some(dead_name.clone()));
    queue(&product, &dead_name, "1 lies dead", |row| row.depth.value == Some(1.0)).await;
    for url in [url, dead] {
        aws::delete_queue(&endpoints, &url).await;
    }
}

#[tokio::test]
async fn depth_in_flight_and_dead_letters_on_moto() {
    depth_in_flight_and_dead_letters("moto").await;
}

#[tokio::test]
async fn depth_in_flight_and_dead_letters_on_elasticmq() {
    depth_in_flight_and_dead_letters("elasticmq").await;
}
