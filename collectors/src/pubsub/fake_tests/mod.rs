//! Whole visits against the fake of Google Cloud.

mod figures;
mod lists;
mod logins;
mod refusals;

use aws_lc_rs::encoding::AsDer;
use base64::Engine;
use brokerscope_contract::{
    Absence, CheckId, EntityKey, EntityKind, LinkKind, MetricId, Site, Snapshot, Status, StepOutcome, Timestamp,
    metrics,
};
use serde_json::{Value, json};

use super::PubSub;
use super::fake::PubSubFake;
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

/// A full minute; the fake's clock stands there unless a test moves it.
pub const NOON: i64 = 1_795_435_200_000;

pub const MINUTE: i64 = 60_000;

pub fn collector(fake: &PubSubFake, extra: Value) -> Box<dyn Collector> {
    let mut settings = json!({"projects": ["shop"], "credentials": "none", "pubsub_url": fake.url(),
        "monitoring_url": fake.url(), "timeout_seconds": 2});
    let extra = extra.as_object().unwrap().clone();
    settings.as_object_mut().unwrap().extend(extra);
    let settings = serde_json::from_value(settings).unwrap();
    PubSub
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A shop: orders are billed, what fails five times is dead-lettered; a push and two exports hang on it as well.
pub async fn shop() -> PubSubFake {
    let fake = PubSubFake::start().await;
    fake.cloud(|cloud| {
        cloud.now = Some(NOON);
        for topic in ["orders", "orders-dead", "unread"] {
            cloud.topic("shop", topic, json!({"messageRetentionDuration": "86400s"}));
        }
        let policy = json!({"deadLetterTopic": "projects/shop/topics/orders-dead", "maxDeliveryAttempts": 5});
        cloud.subscription(
            "shop",
            "billing",
            "orders",
            json!({"deadLetterPolicy": policy, "enableMessageOrdering": true, "enableExactlyOnceDelivery": true}),
        );
        cloud.subscription("shop", "look", "orders-dead", json!({}));
        let hook = json!({"pushConfig": {"pushEndpoint": "https://shop.example/hook?token=hunter2"}});
        cloud.subscription("shop", "hook", "orders", hook);
        let table = json!({"bigqueryConfig": {"table": "shop.raw.orders", "state": "PERMISSION_DENIED"},
            "state": "RESOURCE_ERROR"});
        cloud.subscription("shop", "warehouse", "orders", table);
        cloud.subscription(
            "shop",
            "archive",
            "orders",
            json!({"cloudStorageConfig": {"bucket": "archive"}}),
        );
        cloud.subscription("shop", "orphan", "_deleted-topic_", json!({}));
        cloud.subscription("shop", "cut", "orders", json!({"detached": true}));
        for minute in 1..=10 {
            let end = NOON - (10 - minute) * MINUTE;
            cloud.level("shop", "num_undelivered_messages", "billing", end, 100 + minute);
            cloud.level("shop", "oldest_unacked_message_age", "billing", end, 60 * minute);
            cloud.level("shop", "num_undelivered_messages", "look", end, 7);
            cloud.count("shop", "ack_message_count", "billing", end, 30);
            cloud.count("shop", "dead_letter_message_count", "billing", end, 2);
            cloud.count("shop", "pull_request_count", "billing", end, 5);
        }
    });
    fake
}

pub fn subscription(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Subscription, ["shop", name])
}

pub fn topic(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Topic, ["shop", name])
}

/// The points of a series as minutes before noon, with values.
pub fn history(snapshot: &Snapshot, key: &EntityKey, metric: MetricId) -> Vec<(i64, f64)> {
    let mut of = snapshot.history.iter();
    let series = of.find(|series| series.entity == *key && series.metric == metric);
    let points = series.map(|series| series.points.clone()).unwrap_or_default();
    points
        .iter()
        .map(|(at, value)| ((NOON - at.0) / MINUTE, *value))
        .collect()
}

pub fn last(snapshot: &Snapshot, key: &EntityKey, metric: MetricId) -> Option<(i64, f64)> {
    history(snapshot, key, metric).last().copied()
}

pub fn status(snapshot: &Snapshot, check: &str) -> (Status, String) {
    let id = CheckId(check.into());
    let result = snapshot.checks.iter().find(|result| result.check == id);
    let result = result.unwrap_or_else(|| panic!("no check {check}"));
    (result.status, result.text.clone())
}

pub async fn visit(collector: &mut Box<dyn Collector>, at: i64) -> Snapshot {
    let visited = collector.collect(Timestamp(at)).await;
    visited.unwrap_or_else(|error| panic!("{error}"))
}

/// A service account whose key was made for this run.
pub fn account(fake: &PubSubFake) -> Value {
    let key = aws_lc_rs::signature::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&key).unwrap();
    let der = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
    let file = json!({"type": "service_account", "client_email": "watch@shop.iam.gserviceaccount.com",
        "private_key_id": "k1", "private_key": pem, "token_uri": format!("{}/token", fake.url())});
    json!({"credentials": "key", "key": file.to_string()})
}

mod hostile {
    use super::*;

    #[tokio::test]
    async fn odd_answers_are_no_reason_to_fall_over() {
        for body in [
            json!([]),
            json!("x"),
            json!({"topics": 5}),
            json!({"timeSeries": [{"points": [{}]}]}),
        ] {
            let fake = shop().await;
            fake.cloud(|cloud| cloud.refusals = vec![("/projects/".into(), 200, body.clone(), None)]);
            let mut collector = collector(&fake, json!({}));
            // Whatever comes of it, it is an answer and no panic.
            let _ = collector.collect(Timestamp(NOON)).await;
        }
    }

    #[tokio::test]
    async fn a_page_token_that_leads_in_a_circle_ends() {
        let fake = shop().await;
        let circle = json!({"topics": [], "nextPageToken": "again"});
        fake.cloud(|cloud| cloud.refusals = vec![("/topics".into(), 200, circle, None)]);
        let snapshot = visit(&mut collector(&fake, json!({})), NOON).await;
        assert!(
            snapshot
                .warnings
                .iter()
                .any(|warning| warning.text.contains("several pages"))
        );
    }
}
