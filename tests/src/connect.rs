//! What a test does with a real Kafka Connect, and with a real Schema Registry beside it, over their own interfaces.

use std::path::Path;
use std::process::Command;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::brokers::Endpoints;
use crate::patience::eventually;

/// Makes a connector and waits until its tasks have started.
pub async fn create(connect: &Endpoints, name: &str, config: &Value) {
    let url = format!("{}/connectors/{name}/config", connect.management[0]);
    // A worker that rebalances answers 409 for a moment.
    eventually(&format!("connector {name} is made"), 60, || async {
        let answer = Client::new().put(&url).json(config).send().await.ok()?;
        assert_ne!(answer.status(), StatusCode::BAD_REQUEST, "{:?}", answer.text().await);
        answer.status().is_success().then_some(())
    })
    .await;
    eventually(&format!("connector {name} has a task"), 60, || async {
        (!tasks(connect, name).await.is_empty()).then_some(())
    })
    .await;
}

/// The states of a connector's tasks, as Kafka Connect itself says them.
pub async fn tasks(connect: &Endpoints, name: &str) -> Vec<String> {
    let url = format!("{}/connectors/{name}/status", connect.management[0]);
    let Ok(answer) = Client::new().get(&url).send().await else {
        return Vec::new();
    };
    let status: Value = answer.json().await.unwrap_or_default();
    let tasks = status["tasks"].as_array().cloned().unwrap_or_default();
    let states = tasks.iter().filter_map(|task| task["state"].as_str());
    states.map(str::to_string).collect()
}

pub async fn delete(connect: &Endpoints, name: &str) {
    let url = format!("{}/connectors/{name}", connect.management[0]);
    let _ = Client::new().delete(&url).send().await;
}

/// A connector that writes every line of a file to a topic.
pub fn file_source(file: &Path, topic: &str) -> Value {
    json!({"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": "1",
        "file": file, "topic": topic})
}

/// A connector that writes every message of a topic to a file.
pub fn file_sink(file: &Path, topic: &str) -> Value {
    json!({"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": "1",
        "file": file, "topics": topic})
}

/// Registers the next version of a subject.
pub async fn register(registry: &Endpoints, subject: &str, schema: &Value) {
    let url = format!("{}/subjects/{subject}/versions", registry.management[0]);
    let body = json!({"schema": schema.to_string()});
    let answer = Client::new()
        .post(&url)
        .json(&body)
        .send()
        .await
        .expect("the registry answers");
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

pub async fn set_compatibility(registry: &Endpoints, subject: &str, level: &str) {
    let url = format!("{}/config/{subject}", registry.management[0]);
    let body = json!({"compatibility": level});
    let answer = Client::new()
        .put(&url)
        .json(&body)
        .send()
        .await
        .expect("the registry answers");
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

/// A process that stands still, as one on a machine that hangs: it goes on when this is dropped.
pub struct Frozen(Vec<u32>);

impl Frozen {
    pub fn of(endpoints: &Endpoints) -> Frozen {
        signal("STOP", &endpoints.node_pids);
        Frozen(endpoints.node_pids.clone())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("CONT", &self.0);
    }
}

fn signal(name: &str, pids: &[u32]) {
    for pid in pids {
        let _ = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(pid.to_string())
            .status();
    }
}

/// MirrorMaker's connector, which copies one topic of another cluster into the cluster of Kafka Connect.
pub fn mirror(alias: &str, from: &Endpoints, to: &Endpoints, topic: &str) -> Value {
    let bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";
    json!({"connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector", "tasks.max": "1",
        "source.cluster.alias": alias, "source.cluster.bootstrap.servers": from.bootstrap.join(","),
        "target.cluster.alias": "here", "target.cluster.bootstrap.servers": to.bootstrap.join(","),
        "topics": topic, "replication.factor": "1", "sync.topic.acls.enabled": "false",
        "offset-syncs.topic.location": "target", "offset-syncs.topic.replication.factor": "1",
        "key.converter": bytes, "value.converter": bytes})
}
