//! Whole visits against the fake of Google Cloud.

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

#[tokio::test]
async fn figures_have_their_own_time_and_are_as_late_as_google_makes_them() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    let first = visit(&mut collector, NOON).await;
    let billing = subscription("billing");
    assert_eq!(last(&first, &billing, metrics::DEPTH), Some((2, 108.0)));
    assert_eq!(last(&first, &billing, metrics::OLDEST_AGE), Some((2, 480.0)));
    // Four minutes hidden: six minutes of thirty, and two dead letters each.
    assert_eq!(last(&first, &billing, metrics::ACKNOWLEDGED), Some((4, 180.0)));
    assert_eq!(last(&first, &billing, metrics::DEAD_LETTERED), Some((4, 12.0)));
    assert_eq!(history(&first, &billing, metrics::ACKNOWLEDGED)[0], (10, 0.0));
    assert_eq!(
        last(&first, &billing, metrics::CONSUMERS),
        Some((2, 1.0)),
        "somebody pulls"
    );
    assert_eq!(last(&first, &topic("orders-dead"), metrics::DEPTH), Some((2, 7.0)));
    assert!(
        history(&first, &subscription("hook"), metrics::DEPTH).is_empty(),
        "no series is no zero"
    );
    assert_eq!(status(&first, "freshness").0, Status::Ok);

    fake.cloud(|cloud| cloud.now = Some(NOON + MINUTE));
    let second = visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(
        history(&second, &billing, metrics::DEPTH),
        [(1, 109.0)],
        "only what is new"
    );
    assert_eq!(history(&second, &billing, metrics::ACKNOWLEDGED), [(3, 210.0)]);
    assert_eq!(second.links, None, "not listed again");
}

#[tokio::test]
async fn objects_have_their_settings_and_hang_together() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    let snapshot = visit(&mut collector, NOON).await;
    let attribute = |key: &EntityKey, name: &str| {
        let entity = snapshot.entities.iter().find(|entity| entity.key == *key).unwrap();
        let found = entity.attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.clone())
    };
    for (name, delivery, state) in [
        ("billing", "pull", None),
        ("hook", "push", None),
        ("warehouse", "BigQuery", Some("PERMISSION_DENIED")),
        ("archive", "Cloud Storage", None),
        ("orphan", "pull", Some("orphaned")),
        ("cut", "pull", Some("detached")),
    ] {
        let key = subscription(name);
        assert_eq!(attribute(&key, "delivery").as_deref(), Some(delivery), "{name}");
        assert_eq!(attribute(&key, "state").as_deref(), state, "{name}");
    }
    let billing = subscription("billing");
    assert_eq!(attribute(&billing, "enableMessageOrdering").as_deref(), Some("true"));
    assert_eq!(
        attribute(&billing, "enableExactlyOnceDelivery").as_deref(),
        Some("true")
    );
    assert_eq!(attribute(&topic("unread"), "subscriptions").as_deref(), Some("0"));
    let endpoint = |address: &str| EntityKey::new(EntityKind::Endpoint, [address]);
    let links = snapshot.links.as_ref().unwrap();
    let has = |from: &EntityKey, to: &EntityKey, kind: LinkKind| {
        links
            .iter()
            .any(|link| link.from == *from && link.to == *to && link.kind == kind)
    };
    assert!(has(&topic("orders"), &billing, LinkKind::Subscribes));
    assert!(has(&billing, &topic("orders-dead"), LinkKind::DeadLetter));
    assert!(has(
        &subscription("hook"),
        &endpoint("https://shop.example/hook"),
        LinkKind::Delivers
    ));
    assert!(has(
        &subscription("warehouse"),
        &endpoint("bigquery:shop.raw.orders"),
        LinkKind::Delivers
    ));
    assert!(has(
        &subscription("archive"),
        &endpoint("gs://archive"),
        LinkKind::Delivers
    ));
    assert!(!has(&topic("orders"), &subscription("cut"), LinkKind::Subscribes));
    assert!(!format!("{snapshot:?}").contains("hunter2"));
    for (check, part) in [
        ("detached", "2 of 7 subscriptions: cut, orphan"),
        ("exports", "warehouse (PERMISSION_DENIED)"),
        ("unread_topics", "1 of 3 topics: unread"),
    ] {
        let (_, text) = status(&snapshot, check);
        assert!(text.contains(part), "{check}: {text}");
    }
    assert_eq!(status(&snapshot, "dead_letter_topics").0, Status::Ok);
}

#[tokio::test]
async fn dead_letters_that_nobody_keeps_are_told() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.remove("shop", "subscriptions", "look"));
    let (status_now, text) = status(
        &visit(&mut collector(&fake, json!({})), NOON).await,
        "dead_letter_topics",
    );
    assert_eq!(status_now, Status::Critical);
    assert!(
        text.contains("billing (topic orders-dead has no subscription)"),
        "{text}"
    );
    fake.cloud(|cloud| cloud.remove("shop", "topics", "orders-dead"));
    let snapshot = visit(&mut collector(&fake, json!({})), NOON).await;
    let (_, text) = status(&snapshot, "dead_letter_topics");
    assert!(text.contains("topic orders-dead does not exist"), "{text}");
    let links = snapshot.links.unwrap();
    assert!(links.iter().all(|link| link.kind != LinkKind::DeadLetter));
}

#[tokio::test]
async fn each_missing_permission_costs_its_own_answer_and_is_named() {
    for (part, permission, role) in [
        ("/topics", "pubsub.topics.list", "roles/pubsub.viewer"),
        ("/subscriptions", "pubsub.subscriptions.list", "roles/pubsub.viewer"),
        ("/snapshots", "pubsub.snapshots.list", "roles/pubsub.viewer"),
        ("/timeSeries", "monitoring.timeSeries.list", "roles/monitoring.viewer"),
    ] {
        let fake = shop().await;
        fake.cloud(|cloud| cloud.refuse(part, 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"));
        let mut collector = collector(&fake, json!({}));
        let snapshot = visit(&mut collector, NOON).await;
        let warning = snapshot
            .warnings
            .iter()
            .find(|warning| warning.text.contains(permission));
        let warning = warning.unwrap_or_else(|| panic!("{permission}: {:?}", snapshot.warnings));
        assert_eq!(warning.reason, Absence::NotPermitted);
        assert!(
            warning.remedy.as_ref().is_some_and(|remedy| remedy.contains(role)),
            "{warning:?}"
        );
        let numbers = last(&snapshot, &subscription("billing"), metrics::DEPTH);
        assert_eq!(numbers.is_some(), part != "/timeSeries", "{part}");
        let seen = snapshot
            .entities
            .iter()
            .any(|entity| entity.key == subscription("billing"));
        assert!(seen, "{part}: with a list or with figures alone");
        let lists_objects = ["/snapshots", "/timeSeries"].contains(&part);
        assert_eq!(snapshot.complete.contains(&EntityKind::Topic), lists_objects, "{part}");

        let (report, mut steps) = ProbeReport::channel(Timestamp(NOON));
        collector.probe(&report).await;
        drop(report);
        let mut limited = Vec::new();
        while let Some(step) = steps.recv().await {
            if step.outcome != StepOutcome::Passed {
                limited.push(step.detail);
            }
        }
        let told = limited.iter().any(|detail| detail.contains(permission));
        assert!(told, "{part}: {limited:?}");
    }
}

#[tokio::test]
async fn while_figures_are_refused_only_one_question_is_asked_to_notice_the_end_of_it() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/timeSeries", 403, "PERMISSION_DENIED", "SERVICE_DISABLED"));
    let mut collector = collector(&fake, json!({}));
    visit(&mut collector, NOON).await;
    fake.cloud(|cloud| cloud.asked.clear());
    let snapshot = visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(fake.cloud(|cloud| cloud.asked.len()), 1);
    let disabled = snapshot
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::Disabled)
        .unwrap();
    assert!(
        disabled.text.contains("monitoring.googleapis.com is not enabled"),
        "{}",
        disabled.text
    );
    fake.cloud(|cloud| cloud.refusals.clear());
    visit(&mut collector, NOON + 2 * MINUTE).await;
    let all = visit(&mut collector, NOON + 3 * MINUTE).await;
    assert_eq!(status(&all, "numbers").0, Status::Ok);
    assert!(
        all.warnings
            .iter()
            .all(|warning| warning.metrics.is_empty() || warning.reason == Absence::Disabled)
    );
}

#[tokio::test]
async fn a_used_up_quota_is_left_alone_for_as_long_as_google_asks() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        cloud.refuse("/timeSeries", 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED");
        cloud.refusals[0].3 = Some(300);
    });
    let mut collector = collector(&fake, json!({}));
    let first = visit(&mut collector, NOON).await;
    assert_eq!(status(&first, "quota").0, Status::Warning);
    let stale = first
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::Stale)
        .unwrap();
    assert!(
        stale.metrics.contains(&metrics::DEPTH) && stale.text.contains("quota"),
        "{stale:?}"
    );
    for minute in 1..5 {
        fake.cloud(|cloud| {
            cloud.asked.clear();
            cloud.now = Some(NOON + minute * MINUTE);
        });
        visit(&mut collector, NOON + minute * MINUTE).await;
        assert_eq!(fake.cloud(|cloud| cloud.asked.len()), 0, "minute {minute}");
    }
    fake.cloud(|cloud| {
        cloud.refusals.clear();
        cloud.now = Some(NOON + 6 * MINUTE);
    });
    let after = visit(&mut collector, NOON + 6 * MINUTE).await;
    assert_eq!(status(&after, "quota").0, Status::Ok);
    assert!(last(&after, &subscription("billing"), metrics::DEPTH).is_some());
}

#[tokio::test]
async fn lists_that_are_asked_for_too_often_rest_and_are_read_soon_afterwards() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/topics", 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"));
    let mut collector = collector(&fake, json!({}));
    let lists = || {
        fake.cloud(|cloud| {
            cloud
                .asked
                .iter()
                .filter(|path| path.contains("/v1/projects/shop/topics"))
                .count()
        })
    };
    let mut asked = Vec::new();
    for minute in 0..8 {
        fake.cloud(|cloud| cloud.now = Some(NOON + minute * MINUTE));
        visit(&mut collector, NOON + minute * MINUTE).await;
        asked.push(lists());
    }
    assert_eq!(asked[0], 1);
    assert!(asked[7] >= 3, "within ten minutes: {asked:?}");
    assert!(asked[7] <= 4, "and more slowly each time: {asked:?}");
    fake.cloud(|cloud| {
        cloud.refusals.clear();
        cloud.now = Some(NOON + 25 * MINUTE);
    });
    let after = visit(&mut collector, NOON + 25 * MINUTE).await;
    assert_eq!(status(&after, "listed").0, Status::Ok);
}

#[tokio::test]
async fn after_a_restart_what_was_missed_is_read_up_to_an_hour() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        for minute in 10..120 {
            cloud.level(
                "shop",
                "num_undelivered_messages",
                "look",
                NOON - minute * MINUTE,
                minute,
            );
        }
    });
    for (down, oldest) in [(30, 36), (300, 60)] {
        let mut collector = collector(&fake, json!({}));
        collector.resume(Timestamp(NOON - down * MINUTE));
        let first = visit(&mut collector, NOON).await;
        let told = history(&first, &subscription("look"), metrics::DEPTH);
        let (first, last) = (told[0].0, told[told.len() - 1].0);
        assert!(
            (oldest - 1..=oldest).contains(&first) && last == 2,
            "{down}: {first} to {last}"
        );
        assert_eq!(told.len() as i64, first - 1, "{down}: every minute of it");
    }
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_is_a_warning() {
    let fake = shop().await;
    let push = |cloud: &mut super::fake::Cloud, class: &str, end: i64, count: i64| {
        let value = json!({"int64Value": count.to_string()});
        let metric = "subscription/push_request_count";
        cloud.point(
            "shop",
            (metric, "hook"),
            json!({"response_class": class}),
            "DELTA",
            end,
            value,
        );
    };
    fake.cloud(|cloud| {
        for minute in 1..=10 {
            let end = NOON - (10 - minute) * MINUTE;
            push(cloud, "ack", end, 10);
            push(cloud, "remote_server_5xx", end, if minute > 5 { 5 } else { 0 });
        }
    });
    let mut collector = collector(&fake, json!({}));
    let (warned, text) = status(&visit(&mut collector, NOON).await, "pushes");
    assert_eq!(warned, Status::Warning);
    // Two minutes are hidden: of minutes 4 to 8 the last three failed.
    assert_eq!(text, "1 of 1 push subscriptions: hook (15 of 65 requests)");
    fake.cloud(|cloud| {
        for minute in 1..=10 {
            push(cloud, "ack", NOON + minute * MINUTE, 10);
        }
        cloud.now = Some(NOON + 10 * MINUTE);
    });
    let (well, text) = status(&visit(&mut collector, NOON + 10 * MINUTE).await, "pushes");
    assert_eq!(well, Status::Ok, "{text}");
}

#[tokio::test]
async fn what_is_missing_of_a_project_is_said_of_that_project() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/projects/gone/", 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"));
    let mut collector = collector(&fake, json!({"projects": ["gone", "shop"]}));
    let snapshot = visit(&mut collector, NOON).await;
    let gone = EntityKey::new(EntityKind::Node, ["gone"]);
    let refused = snapshot
        .warnings
        .iter()
        .filter(|warning| warning.reason == Absence::NotPermitted);
    assert!(refused.clone().count() > 0 && refused.clone().all(|warning| warning.entity.as_ref() == Some(&gone)));
    let shop = Some(EntityKey::new(EntityKind::Node, ["shop"]));
    let parent = |key: &EntityKey| {
        snapshot
            .entities
            .iter()
            .find(|entity| entity.key == *key)
            .unwrap()
            .parent
            .clone()
    };
    assert_eq!(parent(&topic("orders")), shop);
    assert_eq!(parent(&subscription("billing")), Some(topic("orders")));
    assert_eq!(parent(&subscription("orphan")), shop, "its topic is gone");
}

#[tokio::test]
async fn lists_and_series_of_many_pages_are_read_to_the_end() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.page = 2);
    let mut collector = collector(&fake, json!({}));
    let snapshot = visit(&mut collector, NOON).await;
    let subscriptions = snapshot
        .entities
        .iter()
        .filter(|e| e.key.kind == EntityKind::Subscription);
    assert_eq!(subscriptions.count(), 7);
    assert_eq!(history(&snapshot, &subscription("billing"), metrics::DEPTH).len(), 8);
    assert_eq!(
        last(&snapshot, &subscription("billing"), metrics::ACKNOWLEDGED),
        Some((4, 180.0))
    );

    // Missing from one reading of several pages is not gone yet; from the second it is.
    fake.cloud(|cloud| cloud.remove("shop", "subscriptions", "look"));
    let later = |minutes: i64| NOON + minutes * MINUTE;
    fake.cloud(|cloud| cloud.now = Some(later(10)));
    let doubtful = visit(&mut collector, later(10)).await;
    assert!(
        doubtful
            .entities
            .iter()
            .any(|entity| entity.key == subscription("look"))
    );
    assert!(!doubtful.complete.contains(&EntityKind::Subscription));
    fake.cloud(|cloud| cloud.now = Some(later(20)));
    let gone = visit(&mut collector, later(20)).await;
    assert!(!gone.entities.iter().any(|entity| entity.key == subscription("look")));
    assert!(gone.complete.contains(&EntityKind::Subscription));
}

#[tokio::test]
async fn one_bad_project_hides_nothing_of_the_others() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        cloud.refuse("/projects/gone/", 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED");
        let far = "projects/elsewhere/topics/events";
        cloud.subscription("shop", "far", far, json!({}));
    });
    let mut collector = collector(&fake, json!({"projects": ["gone", "shop"]}));
    let snapshot = visit(&mut collector, NOON).await;
    assert!(last(&snapshot, &subscription("billing"), metrics::DEPTH).is_some());
    assert_eq!(snapshot.server.nodes, Some(2));
    let up = |project: &str| {
        let key = EntityKey::new(EntityKind::Node, [project]);
        let mut samples = snapshot.samples.iter();
        samples
            .find(|s| s.entity == key && s.metric == metrics::UP)
            .map(|s| s.value)
    };
    assert_eq!((up("gone"), up("shop")), (Some(0.0), Some(1.0)));
    let far = EntityKey::new(EntityKind::Topic, ["elsewhere", "events"]);
    let far_entity = snapshot.entities.iter().find(|entity| entity.key == far);
    let far_entity = far_entity.expect("a topic of a project that is not watched");
    let elsewhere = far_entity
        .stands_for
        .as_ref()
        .expect("another connection may watch that project");
    assert_eq!((&elsewhere.at, &elsewhere.keys), (&Site::Anywhere, &vec![far]));
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

#[tokio::test]
async fn a_login_lasts_and_is_renewed_when_it_was_revoked() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.needs_token = true);
    let mut collector = collector(&fake, account(&fake));
    let logins = || fake.cloud(|cloud| cloud.asked.iter().filter(|path| *path == "/token").count());
    visit(&mut collector, NOON).await;
    visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(logins(), 1);
    fake.cloud(|cloud| cloud.tokens.clear());
    let snapshot = visit(&mut collector, NOON + 2 * MINUTE).await;
    assert!(logins() >= 2);
    assert_eq!(status(&snapshot, "login").0, Status::Ok);
    assert_eq!(status(&snapshot, "numbers").0, Status::Ok);
}

#[tokio::test]
async fn a_clock_ten_minutes_off_is_told_and_does_no_harm() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.needs_token = true);
    for (off, words) in [(-10, "10 min behind Google's"), (10, "10 min ahead of Google's")] {
        let mut collector = collector(&fake, account(&fake));
        let snapshot = visit(&mut collector, NOON + off * MINUTE).await;
        let (clock, text) = status(&snapshot, "clock");
        assert_eq!(clock, Status::Warning);
        assert!(text.replace('\u{a0}', " ").contains(words), "{text}");
        assert_eq!(
            last(&snapshot, &subscription("billing"), metrics::DEPTH),
            Some((2, 108.0))
        );
    }
}

#[tokio::test]
async fn wrong_logins_are_explained() {
    let fake = shop().await;
    for (said, part) in [
        ("Invalid grant: account not found", "does not exist"),
        ("Invalid JWT Signature.", "key was deleted"),
    ] {
        let refusal = json!({"error": "invalid_grant", "error_description": said});
        fake.cloud(|cloud| cloud.refusals = vec![("/token".into(), 400, refusal, None)]);
        let visited = collector(&fake, account(&fake)).collect(Timestamp(NOON)).await;
        let Err(CollectError::Login { detail, remedy }) = visited else {
            panic!("{visited:?}")
        };
        assert!(detail.contains(part) && !remedy.is_empty(), "{detail}");
    }
}

#[tokio::test]
async fn a_project_that_cannot_be_reached_at_all_is_an_error_and_not_an_empty_picture() {
    let fake = shop().await;
    let closed = json!({"pubsub_url": "http://127.0.0.1:9", "monitoring_url": "http://127.0.0.1:9"});
    let visited = collector(&fake, closed).collect(Timestamp(NOON)).await;
    assert!(matches!(visited, Err(CollectError::Unreachable { .. })), "{visited:?}");
    fake.cloud(|cloud| cloud.refuse("/projects/", 503, "UNAVAILABLE", "DOWN"));
    let visited = collector(&fake, json!({})).collect(Timestamp(NOON)).await;
    assert!(matches!(visited, Err(CollectError::Unreachable { .. })), "{visited:?}");
}

#[tokio::test]
async fn beside_the_emulator_figures_are_not_supported_and_the_rest_is_there() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({"monitoring_url": ""}));
    let snapshot = visit(&mut collector, NOON).await;
    let warning = snapshot
        .warnings
        .iter()
        .find(|w| w.reason == Absence::NotSupported)
        .unwrap();
    assert!(warning.metrics.contains(&metrics::DEPTH));
    assert!(snapshot.entities.iter().any(|entity| entity.key == topic("orders")));
    assert!(!fake.cloud(|cloud| cloud.asked.iter().any(|path| path.contains("timeSeries"))));
}

#[tokio::test]
async fn something_new_is_listed_as_soon_as_it_has_figures_and_something_hidden_is_told() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    visit(&mut collector, NOON).await;
    fake.cloud(|cloud| {
        cloud.subscription("shop", "new", "orders", json!({}));
        for minute in 0..40 {
            let end = NOON + minute * MINUTE;
            cloud.level("shop", "num_undelivered_messages", "new", end, 1);
            cloud.level("shop", "num_undelivered_messages", "hidden", end, 1);
        }
    });
    let mut listed = None;
    for minute in 1..=25 {
        let at = NOON + minute * MINUTE;
        fake.cloud(|cloud| cloud.now = Some(at));
        let snapshot = visit(&mut collector, at).await;
        if listed.is_none() && snapshot.entities.iter().any(|entity| entity.key == subscription("new")) {
            listed = Some(minute);
        }
        let known = snapshot
            .history
            .iter()
            .any(|series| series.entity == subscription("hidden"));
        assert!(!known, "what is not listed may have been deleted");
        let told = snapshot.warnings.iter().any(|warning| warning.text.contains("hidden"));
        assert_eq!(told, minute >= 17, "minute {minute}");
    }
    assert_eq!(listed, Some(3), "two minutes hidden, then listed on the next visit");
}

#[tokio::test]
async fn names_and_texts_at_their_longest_are_carried() {
    let fake = shop().await;
    let longest = format!("a{}", "~%+._-".repeat(43))[..255].to_string();
    let filter = "x".repeat(64 << 10);
    fake.cloud(|cloud| {
        cloud.subscription(
            "shop",
            &longest,
            "orders",
            json!({"filter": filter, "labels": {"team": filter}}),
        );
        cloud.level("shop", "num_undelivered_messages", &longest, NOON - 3 * MINUTE, 9);
    });
    let snapshot = visit(&mut collector(&fake, json!({})), NOON).await;
    assert_eq!(last(&snapshot, &subscription(&longest), metrics::DEPTH), Some((3, 9.0)));
    let entity = snapshot
        .entities
        .iter()
        .find(|e| e.key == subscription(&longest))
        .unwrap();
    assert!(
        entity
            .attributes
            .iter()
            .all(|attribute| attribute.value.chars().count() < 200)
    );
}

#[tokio::test]
async fn a_visit_costs_what_the_form_says() {
    let fake = shop().await;
    for (detail, figures) in [("basic", 3), ("standard", 12), ("full", 17)] {
        fake.cloud(|cloud| cloud.asked.clear());
        let snapshot = visit(&mut collector(&fake, json!({"detail": detail})), NOON).await;
        let asked = fake.cloud(|cloud| cloud.asked.iter().filter(|path| path.contains("timeSeries")).count());
        assert_eq!(asked, figures, "{detail}");
        assert_eq!(snapshot.cost.requests, figures as u32 + 3, "{detail}: and three lists");
    }
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
