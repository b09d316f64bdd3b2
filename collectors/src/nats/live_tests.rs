//! Against real servers: `BROKERSCOPE_TEST_BROKERS=nats,nats-cluster,nats-2.10 cargo test -p brokerscope-collectors nats_live`.
//!
//! `cargo xtask brokers up nats nats-cluster nats-2.10` starts them. What a broker that is not listed would have tested is not
//! run, and says so. Every figure is compared with what the server's own API says.

use std::path::Path;
use std::time::Duration;

use async_nats::Client;
use brokerscope_contract::{
    EntityKey, EntityKind, LinkKind, MetricId, ProbeStep, Settings, Snapshot, Status, StepOutcome, Timestamp, metrics,
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Nats, names};
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

/// What `cargo xtask brokers` wrote about a broker, unless this run leaves it out.
pub(super) fn endpoints(name: &str) -> Option<Value> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        println!("not run: needs the broker {name:?} in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers").join(name);
    let file = folder.join("endpoints.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(serde_json::from_str(&text).expect("endpoints.json is JSON"))
}

pub(super) fn login(endpoints: &Value, user: &str) -> Value {
    json!({"servers": endpoints["bootstrap"], "login": "password", "user": user, "password": user,
        "interval_seconds": 5, "timeout_seconds": 3})
}

pub(super) fn collector(settings: Value) -> Box<dyn Collector> {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Nats.build(&settings).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub(super) fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp(since.as_millis() as i64)
}

/// A later visit, at which everything is due once more.
fn later() -> Timestamp {
    now().plus_millis(600_000)
}

pub(super) fn unique(name: &str) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!("{name}_{}", now.as_nanos())
}

pub(super) async fn client(endpoints: &Value, name: &str) -> Client {
    let addresses: Vec<String> = serde_json::from_value(endpoints["bootstrap"].clone()).unwrap();
    async_nats::ConnectOptions::with_user_and_password("app".into(), "app".into())
        .name(name)
        .connect(addresses)
        .await
        .expect("the server takes the login")
}

/// A question to JetStream's own API, asked again while a cluster elects.
pub(super) async fn api(client: &Client, subject: &str, body: Value) -> Value {
    for _ in 0..40 {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        if let Ok(answer) = client.request(format!("$JS.API.{subject}"), body.into()).await {
            let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
            match answer["error"]["code"].as_u64() {
                Some(503 | 408) => {}
                _ => return answer,
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{subject} got no answer");
}

pub(super) async fn stream(client: &Client, name: &str, more: Value) {
    let mut config = json!({"name": name, "subjects": [format!("{name}.>")], "storage": "memory"});
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let answer = api(client, &format!("STREAM.CREATE.{name}"), config).await;
    assert!(answer["error"].is_null(), "{answer}");
}

pub(super) async fn durable(client: &Client, stream: &str, name: &str, more: Value) {
    let mut config = json!({"durable_name": name, "ack_policy": "explicit", "ack_wait": 60_000_000_000_u64});
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let body = json!({"stream_name": stream, "config": config});
    let answer = api(client, &format!("CONSUMER.CREATE.{stream}.{name}"), body).await;
    assert!(answer["error"].is_null(), "{answer}");
}

/// Publishes and waits until the stream has it.
pub(super) async fn publish(client: &Client, stream: &str, count: usize) {
    for i in 0..count {
        let stored = client
            .request(format!("{stream}.new"), format!("order {i}").into())
            .await;
        let stored: Value = serde_json::from_slice(&stored.expect("an acknowledgement").payload).unwrap();
        assert!(stored["error"].is_null(), "{stored}");
    }
}

/// Takes messages through a pull consumer and acknowledges the first ones.
pub(super) async fn pull(client: &Client, stream: &str, consumer: &str, take: usize, acknowledge: usize) -> usize {
    let inbox = client.new_inbox();
    let mut messages = client.subscribe(inbox.clone()).await.unwrap();
    let body = json!({"batch": take, "expires": 1_000_000_000_u64}).to_string();
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
    client.publish_with_reply(subject, inbox, body.into()).await.unwrap();
    let mut taken = 0;
    while taken < take {
        let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(2), messages.next()).await else {
            break;
        };
        if message.status.is_some() {
            break;
        }
        if taken < acknowledge {
            // With an answer, so that the acknowledgement has been counted.
            client
                .request(message.reply.expect("a subject to acknowledge to"), "+ACK".into())
                .await
                .unwrap();
        }
        taken += 1;
    }
    taken
}

pub(super) async fn probe(collector: &mut dyn Collector) -> Vec<ProbeStep> {
    let (report, mut steps) = ProbeReport::channel(now());
    collector.probe(&report).await;
    drop(report);
    let mut seen = Vec::new();
    while let Some(step) = steps.recv().await {
        println!(
            "{:?} {}: {} ({} ms)",
            step.outcome, step.title, step.detail, step.millis
        );
        seen.push(step);
    }
    seen
}

pub(super) fn told(snapshot: &Snapshot) {
    println!(
        "{:?} {:?}, {} samples",
        snapshot.server,
        snapshot.cost,
        snapshot.samples.len()
    );
    for check in snapshot.checks.iter().filter(|check| check.status != Status::Ok) {
        println!(
            "{:?} {} of {}: {}",
            check.status,
            check.check.0,
            check.entity.name(),
            check.text
        );
    }
    for warning in &snapshot.warnings {
        println!("{:?}: {}", warning.reason, warning.text);
    }
}

pub(super) fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let found = snapshot
        .samples
        .iter()
        .find(|sample| sample.entity == *entity && sample.metric == metric);
    found.map(|sample| sample.value)
}

/// Compares what a visit says of a consumer with what JetStream's API says now.
pub(super) async fn agrees(client: &Client, snapshot: &Snapshot, stream: &str, consumer: &str) {
    agrees_in(client, snapshot, "APP", stream, consumer).await;
}

pub(super) async fn agrees_in(client: &Client, snapshot: &Snapshot, account: &str, stream: &str, consumer: &str) {
    let truth = api(client, &format!("CONSUMER.INFO.{stream}.{consumer}"), Value::Null).await;
    let key = names::consumer(account, stream, consumer);
    for (metric, expected) in [
        (metrics::DEPTH, &truth["num_pending"]),
        (metrics::IN_FLIGHT, &truth["num_ack_pending"]),
        (metrics::NATS_REDELIVERING, &truth["num_redelivered"]),
        (metrics::NATS_WAITING_PULLS, &truth["num_waiting"]),
        (metrics::DELIVERED, &truth["delivered"]["consumer_seq"]),
        (metrics::ACKNOWLEDGED, &truth["ack_floor"]["consumer_seq"]),
    ] {
        assert_eq!(
            value(snapshot, &key, metric),
            expected.as_f64(),
            "{metric} of {consumer}: {truth}"
        );
    }
    let truth = api(client, &format!("STREAM.INFO.{stream}"), Value::Null).await;
    let key = names::stream(account, stream);
    for (metric, expected) in [
        (metrics::NATS_MESSAGES_HELD, &truth["state"]["messages"]),
        (metrics::STORED_BYTES, &truth["state"]["bytes"]),
        (metrics::PUBLISHED, &truth["state"]["last_seq"]),
        (metrics::NATS_STREAM_CONSUMERS, &truth["state"]["consumer_count"]),
    ] {
        assert_eq!(
            value(snapshot, &key, metric),
            expected.as_f64(),
            "{metric} of {stream}: {truth}"
        );
    }
}

async fn every_way_in_agrees_with_the_servers_own_api(name: &str, replicas: usize) {
    let Some(endpoints) = endpoints(name) else { return };
    let client = client(&endpoints, "live-test").await;
    let orders = unique("ORDERS");
    stream(&client, &orders, json!({"num_replicas": replicas})).await;
    durable(&client, &orders, "billing", json!({})).await;
    publish(&client, &orders, 40).await;
    assert_eq!(pull(&client, &orders, "billing", 15, 6).await, 15);
    let monitoring = json!({"monitoring_urls": endpoints["management"], "interval_seconds": 5});
    for settings in [login(&endpoints, "sys"), login(&endpoints, "watcher"), monitoring] {
        let mut collector = collector(settings.clone());
        let snapshot = collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{settings}: {error}"));
        told(&snapshot);
        agrees(&client, &snapshot, &orders, "billing").await;
        let key = names::consumer("APP", &orders, "billing");
        assert_eq!(
            (
                value(&snapshot, &key, metrics::DEPTH),
                value(&snapshot, &key, metrics::IN_FLIGHT)
            ),
            (Some(25.0), Some(9.0))
        );
        let steps = probe(collector.as_mut()).await;
        // Only the way in itself is limited by what it is.
        let fine = |step: &ProbeStep| step.title == "Way in" || step.outcome == StepOutcome::Passed;
        assert!(steps.iter().all(fine), "{steps:?}");
    }
    api(&client, &format!("STREAM.DELETE.{orders}"), Value::Null).await;
}

#[tokio::test]
async fn nats_live_figures_agree_with_one_server() {
    every_way_in_agrees_with_the_servers_own_api("nats", 1).await;
}

#[tokio::test]
async fn nats_live_figures_agree_with_a_cluster() {
    every_way_in_agrees_with_the_servers_own_api("nats-cluster", 3).await;
}

#[tokio::test]
async fn nats_live_figures_agree_with_an_older_server() {
    every_way_in_agrees_with_the_servers_own_api("nats-2.10", 1).await;
}

#[tokio::test]
async fn nats_live_messages_given_up_are_counted() {
    let Some(endpoints) = endpoints("nats") else { return };
    let client = client(&endpoints, "live-test").await;
    let orders = unique("FRAGILE");
    stream(&client, &orders, json!({})).await;
    durable(
        &client,
        &orders,
        "hasty",
        json!({"ack_wait": 200_000_000, "max_deliver": 2}),
    )
    .await;
    let mut by_system = collector(login(&endpoints, "sys"));
    let mut by_account = collector(login(&endpoints, "watcher"));
    for collector in [&mut by_system, &mut by_account] {
        collector.collect(now()).await.expect("it answers");
    }
    publish(&client, &orders, 5).await;
    for _ in 0..4 {
        pull(&client, &orders, "hasty", 5, 0).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let key = names::consumer("APP", &orders, "hasty");
    for collector in [&mut by_system, &mut by_account] {
        let snapshot = collector.collect(later()).await.expect("it answers");
        assert_eq!(value(&snapshot, &key, metrics::DEAD_LETTERED), Some(5.0));
        assert_eq!(
            value(&snapshot, &key, metrics::NATS_EXHAUSTED),
            Some(5.0),
            "the bound is exact here"
        );
        agrees(&client, &snapshot, &orders, "hasty").await;
    }
    api(&client, &format!("STREAM.DELETE.{orders}"), Value::Null).await;
}

#[tokio::test]
async fn nats_live_a_restarted_leader_moves_and_the_figures_stay() {
    let Some(endpoints) = endpoints("nats-cluster") else {
        return;
    };
    let client = client(&endpoints, "live-test").await;
    let orders = unique("MOVING");
    stream(&client, &orders, json!({"num_replicas": 3})).await;
    durable(&client, &orders, "billing", json!({})).await;
    publish(&client, &orders, 20).await;
    pull(&client, &orders, "billing", 5, 5).await;
    let mut collector = collector(login(&endpoints, "sys"));
    let key = names::consumer("APP", &orders, "billing");
    let before = collector.collect(now()).await.expect("it answers");
    assert_eq!(value(&before, &key, metrics::DEPTH), Some(15.0));
    // Stepping down moves the leader as a crash does, and leaves the shared cluster whole.
    for step in 1..=3 {
        api(
            &client,
            &format!("CONSUMER.LEADER.STEPDOWN.{orders}.billing"),
            Value::Null,
        )
        .await;
        api(&client, &format!("STREAM.LEADER.STEPDOWN.{orders}"), Value::Null).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let after = collector
            .collect(later().plus_millis(step * 600_000))
            .await
            .expect("it answers");
        told(&after);
        assert_eq!(value(&after, &key, metrics::DEPTH), Some(15.0), "after {step} moves");
        agrees(&client, &after, &orders, "billing").await;
    }
    api(&client, &format!("STREAM.DELETE.{orders}"), Value::Null).await;
}

#[tokio::test]
async fn nats_live_a_namesake_made_later_is_described_anew() {
    let Some(endpoints) = endpoints("nats") else { return };
    let client = client(&endpoints, "live-test").await;
    for user in ["sys", "watcher"] {
        let orders = unique("AGAIN");
        let mut collector = collector(login(&endpoints, user));
        let mut at = now();
        for (filter, messages) in [(format!("{orders}.new"), 3), (format!("{orders}.>"), 1)] {
            stream(&client, &orders, json!({})).await;
            durable(&client, &orders, "billing", json!({"filter_subject": filter})).await;
            publish(&client, &orders, messages).await;
            // New ones are described within half a minute.
            at = at.plus_millis(30_000);
            let mut snapshot = collector.collect(at).await.expect("it answers");
            let key = names::consumer("APP", &orders, "billing");
            if !snapshot.entities.iter().any(|entity| entity.key == key) {
                at = at.plus_millis(30_000);
                snapshot = collector.collect(at).await.expect("it answers");
            }
            assert_eq!(value(&snapshot, &key, metrics::DEPTH), Some(messages as f64), "{user}");
            let described = snapshot.entities.iter().find(|entity| entity.key == key);
            let attributes = &described.expect("it is described").attributes;
            let told = attributes.iter().find(|attribute| attribute.name == "filter");
            assert_eq!(told.map(|attribute| attribute.value.as_str()), Some(filter.as_str()));
            let published = value(&snapshot, &names::stream("APP", &orders), metrics::PUBLISHED);
            assert_eq!(
                published,
                Some(messages as f64),
                "{user}: it counts from its own beginning"
            );
            api(&client, &format!("STREAM.DELETE.{orders}"), Value::Null).await;
        }
        let gone = collector.collect(at.plus_millis(60_000)).await.expect("it answers");
        assert!(gone.complete.contains(&EntityKind::Stream));
        let key = names::stream("APP", &orders);
        assert!(!gone.entities.iter().any(|entity| entity.key == key));
    }
}

#[tokio::test]
async fn nats_live_a_mirror_is_an_edge_and_lags_as_the_server_says() {
    let Some(endpoints) = endpoints("nats") else { return };
    let client = client(&endpoints, "live-test").await;
    let (orders, copy) = (unique("ORIGIN"), unique("COPY"));
    stream(&client, &orders, json!({})).await;
    let body = json!({"name": copy, "storage": "memory", "mirror": {"name": orders}});
    let made = api(&client, &format!("STREAM.CREATE.{copy}"), body).await;
    assert!(made["error"].is_null(), "{made}");
    publish(&client, &orders, 5).await;
    let mut truth = Value::Null;
    for _ in 0..50 {
        truth = api(&client, &format!("STREAM.INFO.{copy}"), Value::Null).await;
        if truth["state"]["messages"] == 5 && truth["mirror"]["lag"] == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for user in ["sys", "watcher"] {
        let snapshot = collector(login(&endpoints, user))
            .collect(now())
            .await
            .expect("it answers");
        let (from, to) = (names::stream("APP", &orders), names::stream("APP", &copy));
        assert_eq!(
            value(&snapshot, &to, metrics::NATS_SOURCE_LAG),
            truth["mirror"]["lag"].as_f64()
        );
        assert_eq!(value(&snapshot, &to, metrics::NATS_MESSAGES_HELD), Some(5.0));
        let links = snapshot.links.as_ref().expect("the first visit tells all");
        let copies = links
            .iter()
            .any(|link| link.kind == LinkKind::Copies && (&link.from, &link.to) == (&from, &to));
        assert!(copies, "{user}");
    }
    for name in [&copy, &orders] {
        api(&client, &format!("STREAM.DELETE.{name}"), Value::Null).await;
    }
}

#[tokio::test]
async fn nats_live_a_clock_ten_minutes_off_makes_no_message_older() {
    for name in ["nats", "nats-2.10"] {
        let Some(endpoints) = endpoints(name) else { continue };
        let client = client(&endpoints, "live-test").await;
        let orders = unique("SKEWED");
        stream(&client, &orders, json!({})).await;
        durable(&client, &orders, "billing", json!({})).await;
        publish(&client, &orders, 2).await;
        for user in ["sys", "watcher"] {
            for off in [-600_000, 600_000] {
                let mut collector = collector(login(&endpoints, user));
                let snapshot = collector.collect(now().plus_millis(off)).await.expect("it answers");
                let age = value(
                    &snapshot,
                    &names::consumer("APP", &orders, "billing"),
                    metrics::OLDEST_AGE,
                );
                assert!(age.is_some_and(|age| age < 60.0), "{name}, {user}, {off}: {age:?}");
            }
        }
        api(&client, &format!("STREAM.DELETE.{orders}"), Value::Null).await;
    }
}

#[tokio::test]
async fn nats_live_refusals_are_told_apart() {
    let Some(endpoints) = endpoints("nats") else { return };
    let mut wrong = login(&endpoints, "app");
    wrong["password"] = json!("not-the-password");
    let error = collector(wrong).collect(now()).await.expect_err("it is refused");
    assert!(error.to_string().contains("login was refused"), "{error}");
    let mut guest = collector(login(&endpoints, "guest"));
    let snapshot = guest.collect(now()).await.expect("it is logged in");
    let refused = snapshot
        .warnings
        .iter()
        .find(|warning| warning.metrics.contains(&metrics::DEPTH));
    assert!(
        refused.is_some_and(|warning| warning.text.contains("$JS.API.INFO")),
        "{:?}",
        snapshot.warnings
    );
    let steps = probe(guest.as_mut()).await;
    let limited = steps.iter().find(|step| step.title == "Right: streams and consumers");
    assert!(
        limited.is_some_and(|step| step.outcome == StepOutcome::Limited),
        "{steps:?}"
    );
    let root = endpoints["management"][0].as_str().unwrap();
    let monitoring = root.replace("http://", "nats://");
    for (servers, part) in [
        ("nats://127.0.0.1:1", "nothing listens"),
        ("nats://no-such-host.invalid", "looked up"),
        (monitoring.as_str(), "says nothing"),
    ] {
        let error = collector(json!({"servers": [servers], "timeout_seconds": 2}))
            .collect(now())
            .await;
        let error = error.expect_err("nobody is there").to_string();
        assert!(error.contains(part), "{servers}: {error}");
    }
    let clients = endpoints["bootstrap"][0].as_str().unwrap();
    let error = collector(json!({"monitoring_urls": [format!("http://{clients}")]}))
        .collect(now())
        .await;
    let error = error.expect_err("it is the port for clients");
    assert!(matches!(error, CollectError::NotThisSystem { .. }), "{error:?}");
    assert!(error.remedy().contains("8222"), "{}", error.remedy());
}
