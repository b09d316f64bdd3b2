//! Whole visits against a small server that plays a broker from recorded answers, or plays something worse.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use brokerscope_contract::{
    Absence, EntityKey, EntityKind, Evidence, LinkKind, MetricId, Snapshot, Status, StepOutcome, Timestamp, metrics,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::RabbitMq;
use super::recorded::recorded;
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

mod bridges;
mod streams;

/// Answers by path, longest matching beginning first. Status and body.
type Answers = HashMap<String, (u16, String)>;

/// A server that answers every request from a table, and keeps count.
struct Fake {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn serving(answers: Answers) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Fake {
            address: listener.local_addr().unwrap(),
            answers: Arc::new(Mutex::new(answers)),
            asked: Arc::default(),
        };
        let (answers, asked) = (fake.answers.clone(), fake.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, answers.clone(), asked.clone()));
            }
        });
        fake
    }

    /// A broker of `version` as it was recorded, with its Prometheus endpoint at the same address.
    async fn broker(version: &str) -> Fake {
        let files = [
            ("/api/whoami", "whoami.json"),
            ("/api/overview", "overview.json"),
            ("/api/nodes", "nodes.json"),
            ("/api/vhosts", "vhosts.json"),
            ("/api/queues", "queues.json"),
            ("/api/queues?disable_stats=true", "queues-bare.json"),
            (
                "/api/queues?disable_stats=true&enable_queue_totals=true",
                "queues-totals.json",
            ),
            ("/api/exchanges", "exchanges.json"),
            ("/api/bindings", "bindings.json"),
            ("/api/policies", "policies.json"),
            ("/api/operator-policies", "bridges/operator-policies.json"),
            ("/api/connections", "connections.json"),
            ("/api/channels", "channels.json"),
            ("/api/consumers", "consumers.json"),
            ("/api/stream/consumers", "stream-consumers.json"),
            ("/api/stream/publishers", "stream-publishers.json"),
            ("/metrics/detailed", "counts.txt"),
            (
                "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics",
                "everything.txt",
            ),
            ("/metrics", "node.txt"),
        ];
        let mut answers: Answers = files
            .into_iter()
            .map(|(path, file)| (path.to_string(), (200, recorded(version, file))))
            .collect();
        answers.insert("/api/health/checks/".into(), (200, r#"{"status":"ok"}"#.into()));
        Fake::serving(answers).await
    }

    fn set(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(path.into(), (status, body.into()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn collector(&self, extra: Value) -> Box<dyn Collector> {
        collector(&format!("http://{}", self.address), extra)
    }
}

async fn answer(mut stream: TcpStream, answers: Arc<Mutex<Answers>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut some = [0; 2048];
        match stream.read(&mut some).await {
            Ok(n) if n > 0 => head.extend_from_slice(&some[..n]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_string();
    let (status, body) = {
        let answers = answers.lock().unwrap();
        let best = answers.iter().filter(|(begin, _)| path.starts_with(begin.as_str()));
        let not_found = (404, r#"{"error":"Object Not Found","reason":"Not Found"}"#.to_string());
        best.max_by_key(|(begin, _)| begin.len())
            .map_or(not_found, |(_, answer)| answer.clone())
    };
    asked.lock().unwrap().push(path);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
}

/// A server that says `bytes` to whoever connects, then closes or, with `hold`, does not.
async fn rude(bytes: &'static [u8], hold: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(bytes).await;
                if hold {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    address
}

fn collector(url: &str, extra: Value) -> Box<dyn Collector> {
    let mut settings = json!({"management_urls": [url], "user": "watch", "password": "hunter2", "timeout_seconds": 1});
    settings
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    let settings = serde_json::from_value(settings).unwrap();
    RabbitMq
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn own_prometheus(fake: &Fake) -> Value {
    json!({"prometheus_urls": [format!("http://{}", fake.address)]})
}

fn value(snapshot: &Snapshot, key: &EntityKey, metric: MetricId) -> Option<f64> {
    snapshot
        .samples
        .iter()
        .find(|sample| sample.entity == *key && sample.metric == metric)
        .map(|sample| sample.value)
}

fn queue(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Queue, ["shop", name])
}

/// Depth, in flight, in-flight limit, consumers, delivered, acknowledged.
fn figures(snapshot: &Snapshot, name: &str) -> [Option<f64>; 6] {
    [
        metrics::DEPTH,
        metrics::IN_FLIGHT,
        metrics::IN_FLIGHT_LIMIT,
        metrics::CONSUMERS,
        metrics::DELIVERED,
        metrics::ACKNOWLEDGED,
    ]
    .map(|metric| value(snapshot, &queue(name), metric))
}

#[tokio::test]
async fn old_and_new_brokers_give_the_same_picture() {
    for version in ["4.3.6", "3.10.8"] {
        let fake = Fake::broker(version).await;
        let mut collector = fake.collector(own_prometheus(&fake));
        let snapshot = collector.collect(Timestamp(1_000_000)).await.expect("it answers");
        let some = |values: [f64; 6]| values.map(Some);
        assert_eq!(
            figures(&snapshot, "orders.created"),
            some([0.0, 10.0, 15.0, 2.0, 41.0, 29.0]),
            "{version}"
        );
        let paid = [Some(20.0), Some(16.0), None, Some(0.0), Some(50.0), Some(34.0)];
        assert_eq!(
            figures(&snapshot, "orders.paid"),
            paid,
            "{version}: nobody reads it, so it has no limit"
        );
        assert_eq!(
            value(&snapshot, &queue("orders.paid"), metrics::PUBLISHED),
            Some(70.0),
            "{version}"
        );
        let auto = figures(&snapshot, "dead");
        assert_eq!(
            auto[4..],
            [Some(1.0), Some(1.0)],
            "{version}: delivered without acknowledgement is done"
        );
        assert_eq!(
            figures(&snapshot, "retry")[4],
            None,
            "{version}: never delivered is unknown, not zero"
        );
        let stream = EntityKey::new(EntityKind::Stream, ["shop", "log"]);
        assert_eq!(
            value(&snapshot, &stream, metrics::DEPTH),
            None,
            "{version}: a stream has no depth"
        );
        assert!(
            value(&snapshot, &stream, metrics::RABBITMQ_STREAM_MESSAGES).is_some_and(|n| n >= 113.0),
            "{version}"
        );
        assert_eq!(snapshot.server.version.as_deref(), Some(version));
        assert!(
            snapshot.checks.iter().all(|check| check.status < Status::Critical),
            "{:?}",
            snapshot.checks
        );
    }
}

#[tokio::test]
async fn queues_with_odd_names_are_the_same_everywhere() {
    let fake = Fake::broker("4.3.6").await;
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let odd = queue("a/b c \"<x>\" \u{e9}\u{1F407}");
    assert_eq!(value(&snapshot, &odd, metrics::DEPTH), Some(0.0));
    assert!(snapshot.entities.iter().any(|entity| entity.key == odd));
}

#[tokio::test]
async fn the_second_visit_asks_only_what_can_have_changed() {
    let fake = Fake::broker("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    let first = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!(first.cost.requests as usize, fake.asked().len());
    let second = collector.collect(Timestamp(15_000)).await.expect("it answers");
    let asked: Vec<String> = fake
        .asked()
        .into_iter()
        .map(|path| path.split('?').next().unwrap().to_string())
        .collect();
    assert_eq!(
        asked,
        ["/api/overview", "/api/nodes", "/api/vhosts", "/metrics/detailed"]
    );
    assert_eq!((second.links, second.complete), (None, vec![EntityKind::Node]));
    assert!(second.samples.iter().any(|sample| sample.metric == metrics::DEPTH));
}

#[tokio::test]
async fn a_new_queue_is_listed_soon_although_the_list_is_not_due() {
    let fake = Fake::broker("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    collector.collect(Timestamp(0)).await.expect("it answers");
    let new = "rabbitmq_detailed_queue_messages_ready{vhost=\"shop\",queue=\"brand.new\"} 3\n";
    let counts = recorded("4.3.6", "everything.txt") + new;
    fake.set(
        "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics",
        200,
        &counts,
    );
    let listed = recorded("4.3.6", "queues-bare.json").replacen(
        '[',
        r#"[{"vhost":"shop","name":"brand.new","type":"classic"},"#,
        1,
    );
    fake.set("/api/queues?disable_stats=true", 200, &listed);
    let snapshot = collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert_eq!(value(&snapshot, &queue("brand.new"), metrics::DEPTH), Some(3.0));
    assert!(snapshot.entities.iter().any(|entity| entity.key == queue("brand.new")));
}

#[tokio::test]
async fn without_prometheus_the_lists_are_asked_and_it_says_so() {
    let fake = Fake::broker("4.3.6").await;
    for path in [
        "/metrics",
        "/metrics/detailed",
        "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics",
    ] {
        fake.set(path, 500, "");
    }
    let mut collector = fake.collector(own_prometheus(&fake));
    let snapshot = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!(
        figures(&snapshot, "orders.created"),
        [0.0, 10.0, 15.0, 2.0, 41.0, 29.0].map(Some)
    );
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.text.contains("Prometheus")),
        "{:?}",
        snapshot.warnings
    );
    let check = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == "prometheus")
        .expect("it is checked");
    assert_eq!(check.status, Status::Warning);
    fake.asked();
    collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert!(
        !fake.asked().iter().any(|path| path.starts_with("/metrics")),
        "a failed endpoint rests"
    );
}

#[tokio::test]
async fn an_endpoint_of_another_cluster_is_not_believed() {
    let fake = Fake::broker("4.3.6").await;
    let overview = recorded("4.3.6", "overview.json").replace("\"cluster_name\":\"", "\"cluster_name\":\"other-");
    fake.set("/api/overview", 200, &overview);
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert_eq!(figures(&snapshot, "orders.created")[0], Some(0.0), "from the list");
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.reason == Absence::Failed),
        "{:?}",
        snapshot.warnings
    );
}

#[tokio::test]
async fn a_user_without_permissions_is_told_that_it_is_blind() {
    let fake = Fake::broker("4.3.6").await;
    for path in ["/api/exchanges", "/api/queues", "/api/bindings", "/api/policies"] {
        fake.set(path, 200, "[]");
    }
    fake.set("/api/queues?disable_stats=true", 200, "[]");
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let blind = snapshot
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::NotPermitted)
        .expect("a warning");
    assert!(blind.text.contains("hidden") && blind.remedy.as_deref().is_some_and(|r| r.contains("set_permissions")));
    assert!(
        !snapshot.complete.contains(&EntityKind::Queue),
        "what is hidden is not deleted"
    );
    assert_eq!(
        figures(&snapshot, "orders.paid")[0],
        Some(20.0),
        "the endpoint tells what the list hides"
    );
    let login = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == "login")
        .expect("it is checked");
    assert_eq!(login.status, Status::Warning);
}

#[tokio::test]
async fn a_user_that_may_see_nothing_but_itself_still_gets_a_snapshot() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/whoami", 200, r#"{"name":"watch","tags":["management"]}"#);
    fake.set(
        "/api/nodes",
        401,
        r#"{"error":"not_authorised","reason":"Not monitor user"}"#,
    );
    let empty = [
        "vhosts",
        "exchanges",
        "queues",
        "bindings",
        "policies",
        "connections",
        "channels",
        "consumers",
    ];
    for path in empty {
        fake.set(&format!("/api/{path}"), 200, "[]");
    }
    fake.set("/api/queues?disable_stats=true", 200, "[]");
    let snapshot = fake
        .collector(json!({}))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let reasons: Vec<_> = snapshot.warnings.iter().map(|warning| warning.reason).collect();
    assert!(
        reasons
            .iter()
            .filter(|reason| **reason == Absence::NotPermitted)
            .count()
            >= 2,
        "{:?}",
        snapshot.warnings
    );
    assert!(
        !fake.asked().iter().any(|path| path.starts_with("/api/nodes")),
        "what is forbidden is not asked"
    );
}

#[tokio::test]
async fn one_question_that_fails_does_not_hide_the_others() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/bindings", 500, "oops");
    fake.set("/api/consumers", 200, "{\"half\":");
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert_eq!(value(&snapshot, &EntityKey::cluster(), metrics::CONNECTIONS), Some(8.0));
    let texts: Vec<_> = snapshot.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("bindings")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("Consumers")), "{texts:?}");
}

#[tokio::test]
async fn publishers_are_told_where_rates_are_detailed() {
    let fake = Fake::broker("4.3.6").await;
    fake.set(
        "/api/overview",
        200,
        &recorded("4.3.6", "overview.json").replace("\"basic\"", "\"detailed\""),
    );
    let connections: Vec<Value> = serde_json::from_str(&recorded("4.3.6", "connections.json")).unwrap();
    let orders = connections
        .iter()
        .find(|c| c["user_provided_name"] == "order-service")
        .unwrap();
    let incoming = json!({"incoming": [{"channel_details": {"connection_name": orders["name"]}}]});
    fake.set("/api/exchanges/shop/shop%2Etopic", 200, &incoming.to_string());
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let links = snapshot.links.expect("links were asked for");
    let published = links
        .iter()
        .find(|link| link.kind == LinkKind::Publishes && link.to.kind == EntityKind::Exchange);
    let published = published.expect("somebody publishes");
    assert_eq!(
        (published.from.name(), published.to.name()),
        ("order-service", "shop.topic")
    );
    assert_eq!(published.evidence, Evidence::Counted);
}

#[tokio::test]
async fn servers_that_are_no_rabbitmq_are_named_for_what_they_are() {
    const HTML: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n<html>It works!</html>";
    const OTHER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"name\":\"es\"}";
    const MOVED: &[u8] = b"HTTP/1.1 302 Found\r\nlocation: https://r/\r\ncontent-length: 0\r\n\r\n";
    const MISSING: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"management_version\":";
    const LOGIN: &[u8] =
        b"HTTP/1.1 401 X\r\ncontent-length: 47\r\n\r\n{\"error\":\"not_authorised\",\"reason\":\"Login failed\"";
    const ALERT: &[u8] = b"\x15\x03\x01\x00\x02\x02\x0a";
    const AMQP: &[u8] = b"AMQP\x00\x00\x09\x01";
    for (bytes, scheme, variant, words) in [
        (HTML, "http", "NotThisSystem", "web page"),
        (OTHER, "http", "NotThisSystem", "no version"),
        (MOVED, "http", "NotThisSystem", "redirects to https://r/"),
        (MISSING, "http", "NotThisSystem", "does not know this question"),
        (HALF, "http", "Unreachable", "in the middle"),
        (LOGIN, "http", "Login", "login"),
        (ALERT, "http", "NotThisSystem", "not in HTTP"),
        (AMQP, "http", "NotThisSystem", "not in HTTP"),
        (HTML, "https", "Tls", "does not speak TLS"),
        (b"", "http", "Unreachable", "closed the connection"),
    ] {
        let address = rude(bytes, false).await;
        let error = collector(&format!("{scheme}://{address}"), json!({}))
            .collect(Timestamp(0))
            .await
            .expect_err(words);
        assert!(format!("{error:?}").starts_with(variant), "{words}: {error:?}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(!error.remedy().is_empty() && !format!("{error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn silence_and_closed_ports_are_told_apart() {
    let silent = rude(b"", true).await;
    let error = collector(&format!("http://{silent}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("silence");
    assert!(matches!(error, CollectError::TimedOut { .. }), "{error:?}");
    let dribbling = rude(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"mana", true).await;
    let error = collector(&format!("http://{dribbling}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("half");
    assert!(matches!(error, CollectError::TimedOut { .. }), "{error:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = collector(&format!("http://{closed}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("closed");
    assert!(error.to_string().contains("refused"), "{error}");
    let error = collector("http://no-such-host.invalid:15672", json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("name");
    assert!(error.to_string().contains("looked up"), "{error}");
}

#[tokio::test]
async fn another_node_answers_for_one_that_is_down() {
    let fake = Fake::broker("4.3.6").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let urls = json!([format!("http://{closed}"), format!("http://{}", fake.address)]);
    let mut extra = own_prometheus(&fake);
    extra["management_urls"] = urls;
    let mut collector = collector("http://unused", extra);
    assert!(collector.collect(Timestamp(0)).await.is_ok());
    fake.asked();
    let second = collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert_eq!(
        second.cost.requests as usize,
        fake.asked().len(),
        "the dead address is not tried first again"
    );
}

async fn outcomes(collector: &mut dyn Collector) -> Vec<(String, StepOutcome)> {
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    collector.probe(&report).await;
    drop(report);
    let mut seen = Vec::new();
    while let Some(step) = steps.recv().await {
        let remedy_needed = matches!(step.outcome, StepOutcome::Failed | StepOutcome::Limited);
        assert_eq!(step.remedy.is_some(), remedy_needed, "{step:?}");
        let title = step
            .title
            .split(" of ")
            .next()
            .unwrap()
            .split(" at ")
            .next()
            .unwrap()
            .split(" to ")
            .next()
            .unwrap();
        seen.push((title.to_string(), step.outcome));
    }
    seen
}

#[tokio::test]
async fn a_test_of_a_good_connection_passes_every_step() {
    let fake = Fake::broker("4.3.6").await;
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    let titles: Vec<_> = seen.iter().map(|(title, _)| title.as_str()).collect();
    let expected = [
        "Name lookup",
        "TCP connection",
        "Management API",
        "Login",
        "Permissions",
        "Nodes",
        "Figures per queue",
        "What will be visible",
    ];
    assert_eq!(titles, expected);
    assert!(
        seen.iter().all(|(_, outcome)| *outcome == StepOutcome::Passed),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_test_says_which_step_failed_and_tries_no_further() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let seen = outcomes(collector(&format!("http://{closed}"), json!({})).as_mut()).await;
    assert_eq!(seen[1], ("TCP connection".into(), StepOutcome::Failed));
    assert!(
        seen[2..].iter().all(|(_, outcome)| *outcome == StepOutcome::Skipped),
        "{seen:?}"
    );
    let fake = Fake::broker("4.3.6").await;
    fake.set(
        "/api/whoami",
        401,
        r#"{"error":"not_authorised","reason":"Not management user"}"#,
    );
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    assert_eq!(seen[3], ("Login".into(), StepOutcome::Failed), "{seen:?}");
}

#[tokio::test]
async fn a_test_warns_of_blindness() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/exchanges", 200, "[]");
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    assert!(seen.contains(&("Permissions".into(), StepOutcome::Limited)), "{seen:?}");
    assert!(
        seen.contains(&("What will be visible".into(), StepOutcome::Limited)),
        "{seen:?}"
    );
}
