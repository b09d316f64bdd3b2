//! Whole visits against small servers that play brokers from recorded answers, or play something worse.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use brokerscope_contract::{
    Absence, EntityKey, EntityKind, MetricId, Snapshot, Status, StepOutcome, Timestamp, metrics,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Pulsar;
use super::recorded::recorded;
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

pub const AT: Timestamp = Timestamp(1_795_450_600_000);

/// Status, body, and where it redirects to.
type Answer = (u16, String, Option<String>);
/// By the beginning of the path; the longest that fits counts.
type Answers = HashMap<String, Answer>;

/// Path and login of every request.
type Asked = Vec<(String, Option<String>)>;

/// A server that answers every request from a table, and keeps who asked for what.
pub struct Fake {
    pub address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Asked>>,
}

impl Fake {
    /// So many namespaces of the tenant, with nothing in them; returns their names.
    pub fn tell_of_namespaces(&self, count: usize) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|n| format!("shop/n{n:02}")).collect();
        self.set("namespaces/shop", 200, &serde_json::to_string(&names).unwrap());
        for name in &names {
            self.set(&format!("namespaces/{name}"), 200, &recorded("4.2.4", "policies.json"));
            self.set(&format!("namespaces/{name}/topics"), 200, "[]");
        }
        names
    }

    pub async fn silent() -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Fake {
            address: listener.local_addr().unwrap(),
            answers: Arc::default(),
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

    /// A broker of `version` as it was recorded, alone in its cluster.
    pub async fn broker(version: &str) -> Fake {
        let fake = Fake::silent().await;
        for (path, file) in [
            ("brokers/version", "version.txt"),
            ("brokers/leaderBroker", "leader.json"),
            ("clusters", "clusters.json"),
            ("bookies/all", "bookies.json"),
            ("namespaces/shop", "namespaces.json"),
            ("namespaces/shop/orders", "policies.json"),
            ("namespaces/shop/silent", "policies.json"),
            ("namespaces/shop/orders/topics", "topics.json"),
            ("namespaces/shop/silent/topics", "topics-silent.json"),
            ("broker-stats/topics", "stats.json"),
            ("broker-stats/load-report", "load-report.json"),
            ("persistent/shop/orders/payments/stats", "topic-stats.json"),
            (
                "persistent/shop/orders/placed/partitioned-stats",
                "partitioned-stats.json",
            ),
        ] {
            fake.set(path, 200, &recorded(version, file));
        }
        fake.set("brokers/health", 200, "ok");
        fake.set("tenants", 200, r#"["shop"]"#);
        fake.set("brokers", 200, &format!("[\"{}\"]", fake.address));
        fake.put("/metrics/", (200, recorded(version, "metrics.txt"), None));
        fake
    }

    pub fn put(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.into(), answer);
    }

    /// `path` begins after `/admin/v2/`.
    pub fn set(&self, path: &str, status: u16, body: &str) {
        self.put(&format!("/admin/v2/{path}"), (status, body.into(), None));
    }

    pub fn redirect(&self, path: &str, to: &str) {
        self.put(&format!("/admin/v2/{path}"), (307, String::new(), Some(to.into())));
    }

    pub fn asked(&self) -> Asked {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    pub fn collector(&self, extra: Value) -> Box<dyn Collector> {
        let mut settings = json!({"admin_urls": [format!("http://{}", self.address)], "timeout_seconds": 2,
            "login": "token", "token": "hunter2"});
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let settings = serde_json::from_value(settings).unwrap();
        Pulsar
            .build(&settings)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
    }
}

async fn answer(mut stream: TcpStream, answers: Arc<Mutex<Answers>>, asked: Arc<Mutex<Asked>>) {
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
    let login = head
        .lines()
        .find_map(|line| line.strip_prefix("authorization: "))
        .map(String::from);
    // Hyphens of names come encoded.
    let plain = path.replace("%2D", "-");
    let (status, body, location) = {
        let answers = answers.lock().unwrap();
        let best = answers.iter().filter(|(begin, _)| plain.starts_with(begin.as_str()));
        best.max_by_key(|(begin, _)| begin.len())
            .map_or((404, String::new(), None), |(_, answer)| answer.clone())
    };
    asked.lock().unwrap().push((path, login));
    let location = location.map_or(String::new(), |to| format!("location: {to}\r\n"));
    let head = format!(
        "HTTP/1.1 {status} X\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
}

pub fn value(snapshot: &Snapshot, kind: EntityKind, path: &[&str], metric: MetricId) -> Option<f64> {
    let key = EntityKey::new(kind, path.iter().copied());
    let mut samples = snapshot.samples.iter();
    samples
        .find(|sample| sample.entity == key && sample.metric == metric)
        .map(|sample| sample.value)
}

pub fn warned(snapshot: &Snapshot, what: &str) -> Option<Absence> {
    let mut warnings = snapshot.warnings.iter();
    warnings
        .find(|warning| warning.text.contains(what))
        .map(|warning| warning.reason)
}

pub fn status(snapshot: &Snapshot, check: &str) -> Option<Status> {
    snapshot
        .checks
        .iter()
        .find(|result| result.check.0 == check)
        .map(|result| result.status)
}

#[tokio::test]
async fn a_recorded_broker_is_seen_whole() {
    for version in super::recorded::VERSIONS {
        let fake = Fake::broker(version).await;
        let mut collector = fake.collector(json!({}));
        let snapshot = collector.collect(AT).await.expect("it answers");
        assert_eq!(snapshot.server.version.as_deref(), Some(version));
        assert_eq!(snapshot.server.cluster_name.as_deref(), Some("standalone"));
        assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
        assert!(
            snapshot.checks.iter().all(|check| check.status == Status::Ok),
            "{:?}",
            snapshot.checks
        );
        for kind in [EntityKind::Topic, EntityKind::Subscription, EntityKind::Node] {
            assert!(snapshot.complete.contains(&kind), "{kind:?}");
        }
        let capture = ["shop", "orders", "payments", "capture"];
        assert_eq!(
            value(&snapshot, EntityKind::Subscription, &capture, metrics::LAG),
            Some(35.0)
        );
        let age = value(&snapshot, EntityKind::Subscription, &capture, metrics::OLDEST_AGE);
        assert!(age.is_some_and(|age| age > 60.0 && age < 600.0), "{age:?}");
        let audit = ["shop", "orders", "placed", "audit"];
        assert!(value(&snapshot, EntityKind::Subscription, &audit, metrics::LAG_SECONDS).is_some());
        assert!(
            fake.asked()
                .iter()
                .all(|(_, login)| login.as_deref() == Some("Bearer hunter2"))
        );

        let again = collector
            .collect(AT.plus_millis(60_000))
            .await
            .expect("it answers again");
        assert!(again.entities.is_empty() && again.links.is_none(), "nothing changed");
        assert!(again.cost.requests < snapshot.cost.requests);
        assert_eq!(
            value(
                &again,
                EntityKind::Topic,
                &["shop", "orders", "payments"],
                metrics::PUBLISHED
            ),
            Some(45.0)
        );
    }
}

#[tokio::test]
async fn brokers_share_their_topics_and_one_that_is_silent_hides_only_its_own() {
    let (one, two) = (Fake::broker("4.2.4").await, Fake::broker("4.2.4").await);
    one.set("brokers", 200, &format!("[\"{}\",\"{}\"]", one.address, two.address));
    one.set("broker-stats/topics", 200, &recorded("4.2.4-geo", "stats-1.json"));
    two.set("broker-stats/topics", 200, &recorded("4.2.4-geo", "stats-2.json"));
    one.set(
        "namespaces/shop/orders/topics",
        200,
        r#"["persistent://shop/orders/placed-partition-0","persistent://shop/orders/placed-partition-1"]"#,
    );
    let mut collector = one.collector(json!({"namespaces": ["shop/orders"]}));
    let billing = ["shop", "orders", "placed", "billing"];
    let snapshot = collector.collect(AT).await.expect("both answer");
    assert_eq!(snapshot.server.nodes, Some(2));
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &billing, metrics::LAG),
        Some(42.0)
    );
    assert_eq!(status(&snapshot, "replication"), Some(Status::Critical));

    two.set("broker-stats/topics", 503, "");
    let snapshot = collector.collect(AT.plus_millis(60_000)).await.expect("one answers");
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &billing, metrics::LAG),
        None,
        "a part is no whole"
    );
    assert!(!snapshot.complete.contains(&EntityKind::Topic) && !snapshot.complete.contains(&EntityKind::Consumer));
    let named = two.address.to_string();
    assert_eq!(
        warned(&snapshot, &format!("Topics served by {named}")),
        Some(Absence::Failed)
    );
    assert_eq!(value(&snapshot, EntityKind::Node, &[&named], metrics::UP), Some(0.0));
    let part = ["shop", "orders", "placed", "0"];
    assert_eq!(
        value(&snapshot, EntityKind::Partition, &part, metrics::PUBLISHED),
        Some(1000.0)
    );

    one.set("brokers", 200, &format!("[\"{}\"]", one.address));
    let snapshot = collector.collect(AT.plus_millis(120_000)).await.expect("one is left");
    assert_eq!(
        value(&snapshot, EntityKind::Node, &[&named], metrics::UP),
        Some(0.0),
        "shown as missing for a while"
    );
}

#[tokio::test]
async fn a_login_goes_to_brokers_of_the_cluster_and_to_nobody_else() {
    let (one, two, stranger) = (
        Fake::broker("4.2.4").await,
        Fake::broker("4.2.4").await,
        Fake::silent().await,
    );
    let question = "persistent/shop/orders/payments/stats";
    one.set("brokers", 200, &format!("[\"{}\",\"{}\"]", one.address, two.address));
    one.redirect(question, &format!("http://{}/admin/v2/{question}?x=1", two.address));
    let mut collector = one.collector(json!({}));
    let snapshot = collector.collect(AT).await.expect("it answers");
    let capture = ["shop", "orders", "payments", "capture"];
    assert!(value(&snapshot, EntityKind::Subscription, &capture, metrics::OLDEST_AGE).is_some());
    let followed = two
        .asked()
        .into_iter()
        .find(|(path, _)| path.contains("payments/stats"));
    assert_eq!(
        followed.expect("the owner was asked").1.as_deref(),
        Some("Bearer hunter2"),
        "with the login"
    );

    one.redirect(question, &format!("http://{}/admin/v2/{question}", stranger.address));
    let mut collector = one.collector(json!({}));
    let snapshot = collector.collect(AT).await.expect("it answers");
    assert_eq!(warned(&snapshot, "the login was not sent there"), Some(Absence::Failed));
    assert!(stranger.asked().is_empty());

    one.redirect(question, &format!("/admin/v2/{question}"));
    let snapshot = one.collector(json!({})).collect(AT).await.expect("it answers");
    assert_eq!(warned(&snapshot, "redirects in a circle"), Some(Absence::Failed));
}

#[tokio::test]
async fn without_the_rights_of_a_super_user_metrics_tell_what_they_can() {
    let fake = Fake::broker("4.2.4").await;
    let denied = r#"{"reason":"This operation requires super-user access"}"#;
    for path in ["brokers", "broker-stats", "bookies", "tenants", "namespaces/shop"] {
        fake.set(path, 403, denied);
    }
    fake.set("brokers/version", 200, "4.2.4");
    fake.set("broker-stats/topics", 403, denied);
    fake.set("namespaces/shop/orders/topics", 200, &recorded("4.2.4", "topics.json"));
    let snapshot = fake
        .collector(json!({"namespaces": ["shop/orders"]}))
        .collect(AT)
        .await
        .expect("it answers");
    assert_eq!(status(&snapshot, "login"), Some(Status::Warning));
    assert_eq!(warned(&snapshot, "no super-user"), Some(Absence::NotPermitted));
    let capture = ["shop", "orders", "payments", "capture"];
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &capture, metrics::LAG),
        Some(35.0)
    );
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &capture, metrics::IN_FLIGHT),
        Some(20.0)
    );

    fake.put("/metrics/", (403, String::new(), None));
    let snapshot = fake
        .collector(json!({"namespaces": ["shop/orders"]}))
        .collect(AT)
        .await
        .expect("it answers");
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &capture, metrics::LAG),
        Some(35.0),
        "asked by itself"
    );
    assert!(
        snapshot
            .server
            .tier
            .as_deref()
            .is_some_and(|tier| tier.contains("by itself"))
    );

    let snapshot = fake.collector(json!({})).collect(AT).await.expect("it answers");
    assert_eq!(
        warned(&snapshot, "may not list the namespaces"),
        Some(Absence::NotPermitted)
    );
}

#[tokio::test]
async fn a_topic_that_is_not_loaded_is_unknown_and_not_empty() {
    let fake = Fake::broker("4.2.4").await;
    let listed = recorded("4.2.4", "topics.json").replace('[', r#"["persistent://shop/orders/asleep","#);
    fake.set("namespaces/shop/orders/topics", 200, &listed);
    let snapshot = fake.collector(json!({})).collect(AT).await.expect("it answers");
    let asleep = ["shop", "orders", "asleep"];
    assert_eq!(value(&snapshot, EntityKind::Topic, &asleep, metrics::PUBLISHED), None);
    assert_eq!(
        value(&snapshot, EntityKind::Topic, &asleep, metrics::PULSAR_UNLOADED_TOPICS),
        Some(1.0)
    );
    assert_eq!(warned(&snapshot, "asleep has no figures"), Some(Absence::NoData));
    let asked = fake.asked();
    assert!(
        asked.iter().all(|(path, _)| !path.contains("asleep")),
        "asking would load it"
    );
}

#[tokio::test]
async fn many_namespaces_take_one_request_each_at_most() {
    let fake = Fake::broker("4.2.4").await;
    let names = fake.tell_of_namespaces(40);
    let mut collector = fake.collector(json!({}));
    let mut asked: std::collections::BTreeMap<String, usize> = Default::default();
    for minute in 0..5 {
        let snapshot = collector
            .collect(AT.plus_millis(minute * 60_000))
            .await
            .expect("it answers");
        // Topics tell of two namespaces more; and there is one broker.
        assert!(
            snapshot.cost.requests <= 43,
            "{} on visit {minute}",
            snapshot.cost.requests
        );
        for (path, _) in fake.asked() {
            let bare = path.split('?').next().unwrap_or_default();
            *asked.entry(bare.to_owned()).or_default() += 1;
        }
    }
    for name in &names {
        for what in ["", "/topics"] {
            assert_eq!(
                asked.get(&format!("/admin/v2/namespaces/{name}{what}")),
                Some(&1),
                "{name}{what}"
            );
        }
    }
}

#[tokio::test]
async fn refusals_and_strangers_are_named() {
    let fake = Fake::broker("4.2.4").await;
    fake.set(
        "brokers/version",
        401,
        r#"{"reason":"Failed to authentication token: JWT expired at 2026"}"#,
    );
    let error = fake
        .collector(json!({}))
        .collect(AT)
        .await
        .expect_err("the token has expired");
    assert!(
        matches!(&error, CollectError::Login { detail, .. } if detail.contains("expired")),
        "{error:?}"
    );
    for (status, body) in [(200, "<html>It works!</html>"), (404, "<html>"), (200, "")] {
        fake.set("brokers/version", status, body);
        let error = fake
            .collector(json!({}))
            .collect(AT)
            .await
            .expect_err("it is no Pulsar");
        assert!(matches!(error, CollectError::NotThisSystem { .. }), "{error:?}");
    }
    fake.set("brokers/version", 200, "4.2.4");
    fake.set("broker-stats/topics", 200, "<html>");
    let snapshot = fake.collector(json!({})).collect(AT).await.expect("the rest is told");
    assert_eq!(warned(&snapshot, "Topics served by"), Some(Absence::Failed));
}

#[tokio::test]
async fn the_test_button_says_what_will_be_missing() {
    let fake = Fake::broker("4.2.4").await;
    let steps = |fake: &Fake| {
        let mut collector = fake.collector(json!({}));
        async move {
            let (report, mut steps) = ProbeReport::channel(AT);
            collector.probe(&report).await;
            drop(report);
            let mut seen = Vec::new();
            while let Some(step) = steps.recv().await {
                seen.push((step.title, step.outcome));
            }
            seen
        }
    };
    let seen = steps(&fake).await;
    assert!(
        seen.iter().all(|(_, outcome)| *outcome == StepOutcome::Passed),
        "{seen:?}"
    );
    fake.set("brokers", 403, "");
    fake.set("brokers/version", 200, "4.2.4");
    let seen = steps(&fake).await;
    let limited = seen.iter().filter(|(_, outcome)| *outcome == StepOutcome::Limited);
    let limited: Vec<_> = limited.map(|(title, _)| title.as_str()).collect();
    assert_eq!(limited, ["Super-user", "Namespaces"]);
    fake.set("brokers/version", 401, "");
    let seen = steps(&fake).await;
    let failed = seen.iter().filter(|(_, outcome)| *outcome == StepOutcome::Failed);
    assert_eq!(failed.map(|(title, _)| title.as_str()).collect::<Vec<_>>(), ["Login"]);
}
