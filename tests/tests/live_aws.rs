//! Against stand-ins for SQS: what is sent, held and given up is what the pages say.

use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, LinkKind};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::graph::Graph;
use brokerscope_tests::{Product, aws, patience::eventually};
use serde_json::{Value, json};

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}-{nanos}")
}

async fn watch(endpoints: &Endpoints) -> Product {
    let product = Product::start().await;
    connect(&product, "aws", endpoints, json!({})).await;
    product
}

async fn connect(product: &Product, name: &str, endpoints: &Endpoints, with: Value) {
    let mut settings = json!({
        "regions": [aws::REGION], "credentials": "keys", "access_key_id": aws::KEY, "secret_access_key": "test",
        "endpoint_url": endpoints.management[0], "interval_seconds": 15, "cloudwatch": "off",
    });
    let with = with.as_object().expect("settings").clone();
    settings.as_object_mut().expect("settings").extend(with);
    let body = json!({"name": name, "system": "aws_sqs", "settings": settings});
    product.post(path::CONNECTIONS, &body).await;
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

/// moto tells accounts apart by the key that a session under a role gets.
#[tokio::test]
async fn a_topic_that_feeds_a_queue_of_another_account_leads_to_it_once_that_is_watched() {
    let Some(endpoints) = broker("moto") else { return };
    let (topic_name, queue_name) = (unique("news"), unique("news-copy"));
    let role = "arn:aws:iam::222233334444:role/watch";
    let theirs = aws::assume(&endpoints, role).await;
    let (_, queue) = aws::create_queue_as(&endpoints, &theirs, &queue_name, json!({})).await;
    assert_eq!(queue, format!("arn:aws:sqs:{}:222233334444:{queue_name}", aws::REGION));
    let topic = aws::create_topic(&endpoints, &topic_name).await;
    aws::subscribe(&endpoints, &topic, &queue).await;

    let product = watch(&endpoints).await;
    let delivered = |to: String| {
        let product = &product;
        async move {
            eventually(&to, 90, || async {
                let graph = Graph::of(product).await;
                let arrows = graph.arrows(LinkKind::Delivers);
                arrows
                    .iter()
                    .any(|arrow| arrow.ends_with(&format!(" -> {to}")))
                    .then_some(graph)
            })
            .await
        }
    };
    let alone = delivered(format!("aws {queue}")).await;
    assert!(alone.boxes(EntityKind::Endpoint).contains(&format!("aws {queue}")));
    connect(
        &product,
        "theirs",
        &endpoints,
        json!({"roles": [role], "own_account": false}),
    )
    .await;
    let joined = delivered(format!("theirs {queue_name}")).await;
    assert!(!joined.boxes(EntityKind::Endpoint).contains(&format!("aws {queue}")));
    let id = joined.id(&format!("theirs {queue_name}")).expect("it is drawn");
    let into: Vec<_> = joined.0.edges.iter().filter(|edge| edge.to == id).collect();
    assert!(into.len() == 1 && into[0].crosses, "{into:?}");
    aws::delete_topic(&endpoints, &topic).await;
}
