//! Whole visits against a small server that plays a broker from recorded answers, or plays something worse.

mod bridges;
mod probing;
mod refusals;
mod streams;
mod visits;

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
