//! Against real brokers: `BROKERSCOPE_TEST_BROKERS=rabbitmq cargo test -p brokerscope-collectors rabbitmq_live`.
//!
//! `cargo xtask brokers up rabbitmq` starts them. What a broker that is not listed would have tested is not run, and
//! says so.

use std::path::Path;

use brokerscope_contract::{EntityKind, ProbeStep, Settings, Snapshot, Status, StepOutcome, Timestamp, metrics};
use serde_json::{Value, json};

use super::RabbitMq;
use crate::collector::{Collector, Factory, ProbeReport};

/// What `cargo xtask brokers` wrote about a broker, unless this run leaves it out.
fn endpoints(name: &str) -> Option<Value> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        println!("not run: needs the broker {name:?} in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../.brokers")
        .join(name)
        .join("endpoints.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(serde_json::from_str(&text).expect("endpoints.json is JSON"))
}

fn collector(endpoints: &Value, with: Value) -> Box<dyn Collector> {
    let mut settings = json!({"management_urls": endpoints["management"], "user": "guest", "password": "guest",
        "interval_seconds": 5});
    settings
        .as_object_mut()
        .unwrap()
        .extend(with.as_object().unwrap().clone());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    RabbitMq
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp(since.as_millis() as i64)
}

async fn probe(collector: &mut dyn Collector) -> Vec<ProbeStep> {
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

fn told(snapshot: &Snapshot) {
    println!("{:?} {:?}", snapshot.server, snapshot.cost);
    let of = |kind: EntityKind| {
        snapshot
            .entities
            .iter()
            .filter(|entity| entity.key.kind == kind)
            .count()
    };
    for kind in EntityKind::ALL.iter().filter(|kind| of(**kind) > 0) {
        println!("{} {}", of(*kind), kind.slug());
    }
    println!(
        "{} samples, {:?} links",
        snapshot.samples.len(),
        snapshot.links.as_ref().map(Vec::len)
    );
    for check in &snapshot.checks {
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

async fn a_visit_sees_the_cluster(name: &str, nodes: usize) {
    let Some(endpoints) = endpoints(name) else { return };
    let mut collector = collector(&endpoints, json!({}));
    let steps = probe(collector.as_mut()).await;
    assert!(
        steps.iter().all(|step| step.outcome == StepOutcome::Passed),
        "{steps:?}"
    );
    let snapshot = collector.collect(now()).await.expect("it answers");
    told(&snapshot);
    assert_eq!(snapshot.server.nodes, Some(nodes as u32));
    assert!(snapshot.complete.contains(&EntityKind::Queue) && snapshot.links.is_some());
    let memory = snapshot
        .samples
        .iter()
        .filter(|sample| sample.metric == metrics::MEMORY_USED)
        .count();
    assert_eq!(memory, nodes);
    assert!(snapshot.checks.iter().all(|check| check.status < Status::Critical));
    let again = collector.collect(now()).await.expect("it answers again");
    told(&again);
    assert!(
        again.cost.requests < snapshot.cost.requests,
        "the second visit asks less"
    );
}

#[tokio::test]
async fn rabbitmq_live_one_node() {
    a_visit_sees_the_cluster("rabbitmq", 1).await;
}

#[tokio::test]
async fn rabbitmq_live_three_nodes() {
    a_visit_sees_the_cluster("rabbitmq-cluster", 3).await;
}

#[tokio::test]
async fn rabbitmq_live_old_version() {
    a_visit_sees_the_cluster("rabbitmq-3.10", 1).await;
}

#[tokio::test]
async fn rabbitmq_live_wrong_password() {
    let Some(endpoints) = endpoints("rabbitmq") else { return };
    let mut collector = collector(&endpoints, json!({"password": "not-the-password"}));
    let error = collector.collect(now()).await.expect_err("it is refused");
    assert!(error.to_string().contains("wrong user or password"), "{error}");
    let steps = probe(collector.as_mut()).await;
    let failed: Vec<_> = steps
        .iter()
        .filter(|step| step.outcome == StepOutcome::Failed)
        .map(|s| s.title.as_str())
        .collect();
    assert_eq!(failed, ["Login"]);
}
