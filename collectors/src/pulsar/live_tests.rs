//! Against real brokers: `BROKERSCOPE_TEST_BROKERS=pulsar,pulsar-4.0 cargo test -p brokerscope-collectors pulsar_live`.
//!
//! `cargo xtask brokers up pulsar pulsar-4.0` starts them. What a broker that is not listed would have tested is not
//! run, and says so. Messages go over Pulsar's own WebSocket service.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use brokerscope_contract::{
    EntityKey, EntityKind, Evidence, LinkKind, Method, MetricId, Sample, Settings, Snapshot, Status, StepOutcome,
    Timestamp, metrics,
};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method as Verb;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::Pulsar;
use super::own_broker::OwnBroker;
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

/// `{"order":1}` in base64, which is how the WebSocket service wants it.
pub(super) const PAYLOAD: &str = "eyJvcmRlciI6MX0=";

/// A broker that runs, and a namespace that nobody else uses.
pub(super) struct Broker {
    pub web: String,
    pub namespace: String,
    http: reqwest::Client,
    /// Of a super-user, where nobody may ask anything without.
    token: Option<String>,
}

/// Tests that begin at the same time have different namespaces.
static NUMBER: AtomicU32 = AtomicU32::new(0);

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Broker {
    pub async fn named(name: &str) -> Option<Broker> {
        let endpoints = endpoints(name)?;
        Some(Broker::at(endpoints["nodes"][0].as_str().expect("a node")).await)
    }

    pub async fn at(web: &str) -> Broker {
        Broker::with_token(web, None).await
    }

    pub async fn with_token(web: &str, token: Option<&str>) -> Broker {
        let broker = Broker {
            token: token.map(str::to_owned),
            web: web.to_string(),
            namespace: format!("live/n{}-{}", now().0, NUMBER.fetch_add(1, Ordering::Relaxed)),
            http: reqwest::Client::new(),
        };
        broker.make_namespace().await;
        broker
    }

    /// On a new broker all tests make the tenant at once: some are told that it is there before everybody sees it, and
    /// some that the broker has failed. What counts is that there is a namespace in it.
    pub async fn make_namespace(&self) {
        let (_, clusters) = self.send(Verb::GET, "clusters", &Value::Null).await;
        let clusters: Value = serde_json::from_str(&clusters).unwrap_or_else(|_| json!(["standalone"]));
        let tenant = json!({"adminRoles": [], "allowedClusters": clusters});
        let path = format!("namespaces/{}", self.namespace);
        let mut last = [(0, String::new()), (0, String::new())];
        for _ in 0..40 {
            let made = self.send(Verb::PUT, "tenants/live", &tenant).await;
            last = [made, self.send(Verb::PUT, &path, &json!({})).await];
            if last[1].0 < 300 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("{path}: {last:?}");
    }

    pub async fn send(&self, verb: Verb, path: &str, body: &Value) -> (u16, String) {
        let url = format!("http://{}/admin/v2/{path}", self.web);
        let mut request = self.http.request(verb, url).header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.expect("the broker answers");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    pub async fn admin(&self, verb: Verb, path: &str, body: Value) -> String {
        let (status, text) = self.send(verb, path, &body).await;
        assert!(status < 300, "{path}: {status} {text}");
        text
    }

    pub async fn create(&self, topic: &str, partitions: u32) {
        let path = format!("persistent/{}/{topic}", self.namespace);
        match partitions {
            0 => self.admin(Verb::PUT, &path, Value::Null).await,
            n => self.admin(Verb::PUT, &format!("{path}/partitions"), json!(n)).await,
        };
    }

    pub async fn subscribe(&self, topic: &str, subscription: &str) {
        let path = format!("persistent/{}/{topic}/subscription/{subscription}", self.namespace);
        self.admin(Verb::PUT, &path, Value::Null).await;
    }

    /// What the broker itself says of a topic, with messages counted instead of entries.
    pub async fn stats(&self, topic: &str) -> Value {
        let path = format!("persistent/{}/{topic}/stats?getPreciseBacklog=true", self.namespace);
        serde_json::from_str(&self.admin(Verb::GET, &path, Value::Null).await).expect("statistics")
    }

    pub async fn socket(&self, path: &str) -> Socket {
        let token = self.token.as_ref().map(|token| format!("&token={token}"));
        let url = format!("ws://{}/ws/v2/{path}{}", self.web, token.unwrap_or_default());
        let (socket, _) = tokio_tungstenite::connect_async(&url)
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        socket
    }

    /// A producer that has sent `count` messages, each acknowledged, and stays.
    pub async fn produce(&self, kind: &str, topic: &str, name: &str, count: usize) -> Socket {
        let path = format!("producer/{kind}/{}/{topic}?producerName={name}", self.namespace);
        let mut socket = self.socket(&path).await;
        for n in 0..count {
            say(&mut socket, json!({"payload": PAYLOAD, "key": format!("k{n}")})).await;
            let answer = hear(&mut socket).await;
            assert_eq!(answer["result"], "ok", "{answer}");
        }
        socket
    }

    pub async fn consumer(&self, kind: &str, topic: &str, subscription: &str, options: &str) -> Socket {
        self.socket(&format!(
            "consumer/{kind}/{}/{topic}/{subscription}?{options}",
            self.namespace
        ))
        .await
    }

    pub fn collector(&self) -> Box<dyn Collector> {
        let settings = json!({"admin_urls": [format!("http://{}", self.web)], "namespaces": [self.namespace],
            "interval_seconds": 5});
        let settings: Settings = serde_json::from_value(settings).unwrap();
        Pulsar
            .build(&settings)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    pub fn key(&self, kind: EntityKind, rest: &[&str]) -> EntityKey {
        let path = self.namespace.split('/').chain(rest.iter().copied());
        EntityKey::new(kind, path)
    }
}

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

pub(super) async fn say(socket: &mut Socket, message: Value) {
    socket
        .send(Message::text(message.to_string()))
        .await
        .expect("it is sent");
}

pub(super) async fn hear(socket: &mut Socket) -> Value {
    let wait = tokio::time::timeout(Duration::from_secs(20), socket.next());
    let message = wait
        .await
        .expect("a message in time")
        .expect("the socket is open")
        .expect("a message");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

/// Takes `count` messages; acknowledges them, gives them back, or only holds them.
pub(super) async fn take(socket: &mut Socket, count: usize, then: &str) {
    for _ in 0..count {
        let message = hear(socket).await;
        let id = &message["messageId"];
        match then {
            "ack" => say(socket, json!({"messageId": id})).await,
            "nack" => say(socket, json!({"type": "negativeAcknowledge", "messageId": id})).await,
            _ => {}
        }
    }
}

pub(super) fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp(since.as_millis() as i64)
}

pub(super) fn sample<'a>(snapshot: &'a Snapshot, key: &EntityKey, metric: MetricId) -> Option<&'a Sample> {
    snapshot
        .samples
        .iter()
        .find(|sample| sample.entity == *key && sample.metric == metric)
}

pub(super) fn value(snapshot: &Snapshot, key: &EntityKey, metric: MetricId) -> Option<f64> {
    sample(snapshot, key, metric).map(|sample| sample.value)
}

/// Visits until the broker's figures, which it refreshes every 5 s, have come to rest.
pub(super) async fn settled(collector: &mut dyn Collector, what: &str, accept: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let mut last = None;
    let mut told = (Vec::new(), None);
    for _ in 0..30 {
        let mut snapshot = collector.collect(now()).await.expect("it answers");
        // Lists are told once; a later visit stands on them.
        if !snapshot.entities.is_empty() {
            told.0 = snapshot.entities.clone();
        }
        told.1 = snapshot.links.clone().or(told.1);
        if accept(&snapshot) {
            (snapshot.entities, snapshot.links) = told;
            return snapshot;
        }
        last = Some(snapshot);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    panic!(
        "{what}: {:#?}",
        last.map(|snapshot| (snapshot.samples, snapshot.warnings))
    );
}

async fn every_figure_is_the_brokers_own(name: &str) {
    let Some(broker) = Broker::named(name).await else {
        return;
    };
    broker.create("placed", 3).await;
    broker.create("payments", 0).await;
    broker.subscribe("placed", "audit").await;
    let types = [
        ("capture", "Shared"),
        ("fraud", "Key_Shared"),
        ("ledger", "Failover"),
        ("report", "Exclusive"),
    ];
    for (subscription, _) in types {
        broker.subscribe("payments", subscription).await;
    }
    let mut open = vec![
        broker.produce("persistent", "placed", "checkout", 30).await,
        broker.produce("persistent", "payments", "till", 40).await,
    ];
    for (subscription, kind) in types {
        let options = format!("subscriptionType={kind}&consumerName={subscription}-1&receiverQueueSize=5");
        let mut consumer = broker.consumer("persistent", "payments", subscription, &options).await;
        take(&mut consumer, 10, "ack").await;
        open.push(consumer);
    }
    let mut collector = broker.collector();
    // Clients acknowledge in groups, and brokers count what is held a moment later: wait for the broker itself.
    let mut truth = broker.stats("payments").await;
    for _ in 0..30 {
        let told = |subscription: &str| truth["subscriptions"][subscription]["msgBacklog"].as_f64();
        if types.iter().all(|(subscription, _)| told(subscription) == Some(30.0)) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        truth = broker.stats("payments").await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let truth = broker.stats("payments").await;
    let snapshot = settled(collector.as_mut(), "the broker's figures settle", |snapshot| {
        types.iter().all(|(subscription, kind)| {
            let told = &truth["subscriptions"][subscription];
            let key = broker.key(EntityKind::Subscription, &["payments", subscription]);
            let unacked = told["unackedMessages"].as_f64().filter(|_| kind.ends_with("hared"));
            value(snapshot, &key, metrics::LAG) == told["msgBacklog"].as_f64()
                && value(snapshot, &key, metrics::IN_FLIGHT) == unacked
                && value(snapshot, &key, metrics::OLDEST_AGE).is_some()
        })
    })
    .await;
    for (subscription, kind) in types {
        let told = &truth["subscriptions"][subscription];
        let key = broker.key(EntityKind::Subscription, &["payments", subscription]);
        let backlog = told["msgBacklog"].as_f64().unwrap();
        assert_eq!(value(&snapshot, &key, metrics::LAG), Some(backlog), "{subscription}");
        assert_eq!(backlog, 30.0, "{subscription}: 10 of 40 are acknowledged");
        let unacked = told["unackedMessages"].as_f64().filter(|_| kind.ends_with("hared"));
        assert_eq!(value(&snapshot, &key, metrics::IN_FLIGHT), unacked, "{subscription}");
        let away = unacked.unwrap_or(0.0);
        assert_eq!(
            value(&snapshot, &key, metrics::DEPTH),
            Some(backlog - away),
            "{subscription}"
        );
        assert_eq!(
            sample(&snapshot, &key, metrics::LAG).unwrap().method,
            None,
            "{subscription}: no batches"
        );
        assert_eq!(
            value(&snapshot, &key, metrics::DELIVERED),
            told["msgOutCounter"].as_f64(),
            "{subscription}"
        );
        assert_eq!(value(&snapshot, &key, metrics::CONSUMERS), Some(1.0), "{subscription}");
        assert_eq!(
            value(&snapshot, &key, metrics::PULSAR_DELAYED),
            told["msgDelayed"].as_f64(),
            "{subscription}"
        );
        assert_eq!(
            value(&snapshot, &key, metrics::PULSAR_BLOCKED).unwrap_or(0.0),
            0.0,
            "{subscription}"
        );
        let entity = snapshot
            .entities
            .iter()
            .find(|entity| entity.key == key)
            .expect("it is listed");
        assert!(
            entity.attributes.iter().any(|a| a.name == "type" && a.value == kind),
            "{:?}",
            entity.attributes
        );
        let age = sample(&snapshot, &key, metrics::OLDEST_AGE).expect("the broker gives the age");
        assert!(age.value > 0.0 && age.value < 300.0 && age.method.is_some(), "{age:?}");
    }
    let topic = broker.key(EntityKind::Topic, &["payments"]);
    assert_eq!(
        value(&snapshot, &topic, metrics::PUBLISHED),
        truth["msgInCounter"].as_f64()
    );
    assert_eq!(
        value(&snapshot, &topic, metrics::STORED_BYTES),
        truth["storageSize"].as_f64()
    );
    assert_eq!(value(&snapshot, &topic, metrics::PULSAR_PRODUCERS), Some(1.0));
    let placed = broker.key(EntityKind::Topic, &["placed"]);
    assert_eq!(
        value(&snapshot, &placed, metrics::PUBLISHED),
        Some(30.0),
        "over three partitions"
    );
    let audit = broker.key(EntityKind::Subscription, &["placed", "audit"]);
    assert_eq!(value(&snapshot, &audit, metrics::LAG), Some(30.0));
    assert_eq!(value(&snapshot, &audit, metrics::CONSUMERS), Some(0.0));
    assert!(
        snapshot.checks.iter().all(|check| check.status == Status::Ok),
        "{:?}",
        snapshot.checks
    );
    assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
    drop(open);
}

#[tokio::test]
async fn pulsar_live_every_figure_on_4_2() {
    every_figure_is_the_brokers_own("pulsar").await;
}

#[tokio::test]
async fn pulsar_live_every_figure_on_4_0() {
    every_figure_is_the_brokers_own("pulsar-4.0").await;
}

async fn letters_given_up_are_seen_where_they_went(name: &str) {
    let Some(broker) = Broker::named(name).await else {
        return;
    };
    broker.create("refunds", 0).await;
    broker.subscribe("refunds", "bank").await;
    drop(broker.produce("persistent", "refunds", "desk", 3).await);
    let options = "subscriptionType=Shared&consumerName=bank-1&maxRedeliverCount=1&negativeAckRedeliveryDelay=100";
    let mut consumer = broker.consumer("persistent", "refunds", "bank", options).await;
    // Each message comes twice, and then no more.
    take(&mut consumer, 6, "nack").await;
    let letters = broker.key(EntityKind::Topic, &["refunds-bank-DLQ"]);
    let bank = broker.key(EntityKind::Subscription, &["refunds", "bank"]);
    let mut collector = broker.collector();
    // What was sent on is acknowledged a moment later.
    let snapshot = settled(collector.as_mut(), "three dead letters", |snapshot| {
        value(snapshot, &letters, metrics::PUBLISHED) == Some(3.0) && value(snapshot, &bank, metrics::LAG) == Some(0.0)
    })
    .await;
    let edge = snapshot
        .links
        .iter()
        .flatten()
        .find(|link| link.kind == LinkKind::DeadLetter)
        .expect("an edge");
    assert_eq!(
        (&edge.from, &edge.to, edge.evidence),
        (&bank, &letters, Evidence::Inferred)
    );
    assert_eq!(value(&snapshot, &bank, metrics::LAG), Some(0.0));
}

#[tokio::test]
async fn pulsar_live_dead_letters_on_4_2() {
    letters_given_up_are_seen_where_they_went("pulsar").await;
}

#[tokio::test]
async fn pulsar_live_dead_letters_on_4_0() {
    letters_given_up_are_seen_where_they_went("pulsar-4.0").await;
}

#[tokio::test]
async fn pulsar_live_an_unloaded_topic_is_unknown_and_goes_on_counting() {
    let Some(broker) = Broker::named("pulsar").await else {
        return;
    };
    broker.create("asleep", 0).await;
    broker.subscribe("asleep", "dreamer").await;
    drop(broker.produce("persistent", "asleep", "bed", 7).await);
    // Nothing may wait: the age of what waits is asked of the topic itself, which loads it again.
    let mut reader = broker
        .consumer("persistent", "asleep", "dreamer", "subscriptionType=Shared")
        .await;
    take(&mut reader, 7, "ack").await;
    reader.close(None).await.expect("it closes");
    let topic = broker.key(EntityKind::Topic, &["asleep"]);
    let dreamer = broker.key(EntityKind::Subscription, &["asleep", "dreamer"]);
    let mut collector = broker.collector();
    settled(collector.as_mut(), "seven messages", |snapshot| {
        value(snapshot, &topic, metrics::PUBLISHED) == Some(7.0)
            && value(snapshot, &dreamer, metrics::LAG) == Some(0.0)
            && value(snapshot, &dreamer, metrics::CONSUMERS) == Some(0.0)
    })
    .await;
    let unload = format!("persistent/{}/asleep/unload", broker.namespace);
    broker.admin(Verb::PUT, &unload, Value::Null).await;
    let snapshot = settled(collector.as_mut(), "it is unloaded", |snapshot| {
        value(snapshot, &topic, metrics::PULSAR_UNLOADED_TOPICS) == Some(1.0)
    })
    .await;
    assert_eq!(value(&snapshot, &dreamer, metrics::LAG), None, "unknown, not zero");
    assert!(
        snapshot.entities.iter().any(|entity| entity.key == dreamer),
        "and it still exists"
    );
    drop(broker.produce("persistent", "asleep", "bed", 2).await);
    let snapshot = settled(collector.as_mut(), "it counts on", |snapshot| {
        value(snapshot, &topic, metrics::PUBLISHED) == Some(9.0)
    })
    .await;
    assert_eq!(value(&snapshot, &dreamer, metrics::LAG), Some(2.0));
}

#[tokio::test]
async fn pulsar_live_the_test_button_passes() {
    for name in ["pulsar", "pulsar-4.0"] {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        let (report, mut steps) = ProbeReport::channel(now());
        broker.collector().probe(&report).await;
        drop(report);
        while let Some(step) = steps.recv().await {
            assert_eq!(step.outcome, StepOutcome::Passed, "{step:?}");
        }
    }
}

#[tokio::test]
async fn pulsar_live_ages_are_exact_when_asked() {
    let Some(broker) = Broker::named("pulsar").await else {
        return;
    };
    broker.create("old", 2).await;
    broker.subscribe("old", "late").await;
    let sent = now();
    drop(broker.produce("persistent", "old", "p", 4).await);
    let late = broker.key(EntityKind::Subscription, &["old", "late"]);
    let mut collector = broker.collector();
    let snapshot = settled(collector.as_mut(), "an age", |snapshot| {
        sample(snapshot, &late, metrics::LAG_SECONDS).is_some_and(|age| age.method == Some(Method::Exact))
    })
    .await;
    let age = value(&snapshot, &late, metrics::LAG_SECONDS).unwrap();
    let most = snapshot.at.seconds_since(sent);
    assert!(age <= most + 1.0 && age >= most - 10.0, "{age} s of {most} s");
}

#[tokio::test]
async fn pulsar_live_a_namesake_made_later_counts_from_its_own_beginning() {
    let Some(broker) = Broker::named("pulsar").await else {
        return;
    };
    let topic = broker.key(EntityKind::Topic, &["again"]);
    let billing = broker.key(EntityKind::Subscription, &["again", "billing"]);
    let mut collector = broker.collector();
    for (count, total) in [(5, 5.0), (2, 7.0)] {
        broker.create("again", 0).await;
        broker.subscribe("again", "billing").await;
        drop(broker.produce("persistent", "again", "till", count).await);
        let snapshot = settled(collector.as_mut(), "what was sent", |snapshot| {
            value(snapshot, &topic, metrics::PUBLISHED) == Some(total)
                && value(snapshot, &billing, metrics::LAG) == Some(count as f64)
        })
        .await;
        assert_eq!(
            value(&snapshot, &billing, metrics::LAG),
            Some(count as f64),
            "nothing of its namesake"
        );
        let path = format!("persistent/{}/again?force=true", broker.namespace);
        broker.admin(Verb::DELETE, &path, Value::Null).await;
    }
}

#[tokio::test]
async fn pulsar_live_a_restarted_broker_is_unknown_until_it_serves_and_counts_on() {
    let Some(shared) = endpoints("pulsar") else { return };
    let mut own = OwnBroker::start("pulsar", &shared).await;
    let broker = Broker::at(&own.web).await;
    broker.create("orders", 0).await;
    broker.subscribe("orders", "billing").await;
    drop(broker.produce("persistent", "orders", "till", 7).await);
    let topic = broker.key(EntityKind::Topic, &["orders"]);
    let billing = broker.key(EntityKind::Subscription, &["orders", "billing"]);
    let mut collector = broker.collector();
    settled(collector.as_mut(), "seven wait", |snapshot| {
        value(snapshot, &topic, metrics::PUBLISHED) == Some(7.0) && value(snapshot, &billing, metrics::LAG) == Some(7.0)
    })
    .await;
    own.kill();
    let error = collector.collect(now()).await.expect_err("nobody is there");
    assert!(matches!(error, CollectError::Unreachable { .. }), "{error:?}");
    own.start_again().await;
    drop(broker.produce("persistent", "orders", "till", 2).await);
    // The broker itself counts two; what waits is nine, and so is the sum.
    let snapshot = settled(collector.as_mut(), "it counts on", |snapshot| {
        // Until it serves the topic nothing is told of it, and never less.
        assert!(value(snapshot, &topic, metrics::PUBLISHED).is_none_or(|sum| sum >= 7.0));
        value(snapshot, &topic, metrics::PUBLISHED) == Some(9.0)
    })
    .await;
    assert_eq!(broker.stats("orders").await["msgInCounter"].as_f64(), Some(2.0));
    assert_eq!(value(&snapshot, &billing, metrics::LAG), Some(9.0));
}

#[tokio::test]
async fn pulsar_live_the_port_of_its_own_protocol_is_told_from_the_admin_api() {
    let Some(shared) = endpoints("pulsar") else { return };
    let clients = shared["bootstrap"][0]
        .as_str()
        .expect("an address")
        .replace("pulsar://", "http://");
    let settings = serde_json::from_value(json!({"admin_urls": [clients], "timeout_seconds": 3})).unwrap();
    let mut collector = Pulsar
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let error = collector.collect(now()).await.expect_err("it is not the admin API");
    assert!(
        !error.remedy().is_empty() && error.to_string().contains("127.0.0.1"),
        "{error:?}"
    );
}

#[tokio::test]
async fn pulsar_live_a_clock_ten_minutes_off_makes_no_message_older() {
    let Some(broker) = Broker::named("pulsar").await else {
        return;
    };
    broker.create("skewed", 0).await;
    broker.subscribe("skewed", "late").await;
    let sent = now();
    drop(broker.produce("persistent", "skewed", "p", 1).await);
    let late = broker.key(EntityKind::Subscription, &["skewed", "late"]);
    for off in [-600_000, 600_000] {
        let mut collector = broker.collector();
        let mut age = None;
        for _ in 0..20 {
            let snapshot = collector.collect(now().plus_millis(off)).await.expect("it answers");
            age = value(&snapshot, &late, metrics::OLDEST_AGE);
            if age.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let (age, most) = (age.expect("an age"), now().seconds_since(sent));
        assert!(age <= most + 6.0 && age >= most - 15.0, "{off}: {age} s of {most} s");
    }
}
