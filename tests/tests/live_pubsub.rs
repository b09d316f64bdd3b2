//! Against the fake of Google Cloud: what it says is what the product shows, under the time that it says.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::pubsub_fake::PubSubFake;
use serde_json::json;

const MINUTE: i64 = 60_000;

/// A topic that is read by nobody any more, with dead letters, as of the last full minutes.
async fn shop() -> PubSubFake {
    let fake = PubSubFake::start().await;
    fake.cloud(|cloud| {
        cloud.topic("shop", "orders", json!({}));
        cloud.topic("shop", "orders-dead", json!({}));
        let policy = json!({"deadLetterTopic": "projects/shop/topics/orders-dead", "maxDeliveryAttempts": 5});
        cloud.subscription("shop", "billing", "orders", json!({"deadLetterPolicy": policy}));
        cloud.subscription("shop", "look", "orders-dead", json!({}));
        let now = cloud.now() / MINUTE * MINUTE;
        for minute in 0..15 {
            let end = now - minute * MINUTE;
            cloud.level("shop", "num_undelivered_messages", "billing", end, 4_200);
            cloud.level("shop", "oldest_unacked_message_age", "billing", end, 900 - minute * 60);
            cloud.level("shop", "num_undelivered_messages", "look", end, 7);
            cloud.count("shop", "ack_message_count", "billing", end, 60);
        }
    });
    fake
}

async fn watch(fake: &PubSubFake) -> Product {
    let product = Product::start().await;
    let settings = json!({"projects": ["shop"], "credentials": "none", "pubsub_url": fake.url(),
        "monitoring_url": fake.url()});
    let connection = json!({"name": "google", "system": "gcp_pubsub", "settings": settings});
    product.post(path::CONNECTIONS, &connection).await;
    product
}

async fn subscription(product: &Product, name: &str, what: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    let path = format!("{}?q={name}", path::SUBSCRIPTIONS);
    eventually(&format!("{name}: {what}"), 60, || async {
        let rows: Rows = product.get(&path).await;
        let mut rows = rows.page.items.into_iter();
        rows.find(|row| row.entity.name == name && accept(row))
    })
    .await
}

#[tokio::test]
async fn what_google_measured_minutes_ago_is_shown_with_its_time() {
    let fake = shop().await;
    let product = watch(&fake).await;
    let seen = subscription(&product, "billing", "4,200 messages wait", |row| {
        row.depth.value == Some(4_200.0)
    })
    .await;
    assert_eq!(seen.entity.kind, EntityKind::Subscription);
    let measured = seen.depth.at.expect("a time of its own");
    let age = fake.cloud(|cloud| cloud.now()) - measured.0;
    assert!((2 * MINUTE..5 * MINUTE).contains(&age), "measured {age} ms ago");
}

#[tokio::test]
async fn a_refusal_of_the_figures_keeps_the_topology() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/timeSeries", 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"));
    let product = watch(&fake).await;
    let view = eventually("the first visit is shown", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        views.into_iter().find(|view| !view.warnings.is_empty())
    })
    .await;
    assert_ne!(
        view.judgement.verdict,
        Verdict::Unreachable,
        "{}",
        view.judgement.sentence
    );
    let named = view
        .warnings
        .iter()
        .any(|w| w.text.contains("monitoring.timeSeries.list"));
    assert!(named, "{:?}", view.warnings);
    subscription(&product, "billing", "listed without figures", |row| {
        row.depth.value.is_none()
    })
    .await;
}
