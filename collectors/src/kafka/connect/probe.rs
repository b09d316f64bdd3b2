//! The steps of "test connection" for Kafka Connect: reach, login, what is visible.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::super::probe::{Step, many, reach};
use super::super::rest::{Client, Failure, Service, place};
use super::ask::CONNECTORS;
use super::wire::{Connectors, Worker};
use crate::collector::ProbeReport;

const PATIENCE: Duration = Duration::from_secs(8);

/// `cluster` is the id of the cluster that was connected to, where it is known.
pub async fn run(service: &Service, cluster: Option<&str>, report: &ProbeReport) {
    let client = match Client::new(service) {
        Ok(client) => client,
        Err(failure) => return Step::begin("Kafka Connect", report).failed(failure.to_string(), failure.remedy()),
    };
    let mut answered = false;
    for root in &service.roots {
        if !reach::service(root, report).await {
            continue;
        }
        let step = Step::begin(format!("Kafka Connect at {}", place(root)), report);
        let asked = timeout(PATIENCE, client.ask_at::<Value>(root, "")).await;
        let answer = asked.unwrap_or_else(|_| Err(Failure::timed_out(&place(root))));
        match answer.map(|said| (serde_json::from_value::<Worker>(said.clone()), said)) {
            Ok((Ok(worker), _)) => {
                answered = true;
                greet(step, &worker, cluster);
            }
            Ok((Err(_), said)) => step.failed(
                format!("Something answers, but not as Kafka Connect does.{}", guess(&said)),
                "Give the address of a worker's REST interface, by default http://HOST:8083.",
            ),
            Err(failure) => step.failed(failure.to_string(), failure.remedy()),
        }
    }
    if answered {
        connectors(&client, report).await;
    }
}

fn greet(step: Step<'_>, worker: &Worker, cluster: Option<&str>) {
    match cluster {
        Some(cluster) if cluster != worker.kafka_cluster_id => step.limited(
            format!(
                "Kafka Connect {}, but of the cluster {}; this connection's is {cluster}",
                worker.version, worker.kafka_cluster_id
            ),
            "Give the address of the Kafka Connect that works on this cluster: otherwise its connectors are joined to none \
             of these topics.",
        ),
        _ => step.passed(format!("version {}", worker.version)),
    }
}

async fn connectors(client: &Client, report: &ProbeReport) {
    let step = Step::begin("Connectors of Kafka Connect", report);
    let asked = timeout(PATIENCE, client.ask::<Connectors>(CONNECTORS)).await;
    match asked.unwrap_or_else(|_| Err(Failure::timed_out(client.service().name))) {
        Ok(connectors) => {
            let mut states: BTreeMap<&str, usize> = BTreeMap::new();
            for connector in connectors.values() {
                *states.entry(connector.status.connector.state.as_str()).or_default() += 1;
            }
            let states: Vec<String> = states.iter().map(|(state, n)| format!("{n} {state}")).collect();
            let tasks = connectors.values().map(|connector| connector.status.tasks.len()).sum();
            let states = if states.is_empty() {
                String::new()
            } else {
                format!(": {}", states.join(", "))
            };
            step.passed(format!(
                "{} with {}{states}",
                many(connectors.len(), "connector"),
                many(tasks, "task")
            ));
        }
        Err(failure) => step.limited(failure.to_string(), failure.remedy()),
    }
}

/// What else may be behind the address: an empty object is a Schema Registry's greeting.
fn guess(said: &Value) -> &'static str {
    match said {
        Value::Object(fields) if fields.is_empty() => " It looks like a Schema Registry, which has a field of its own.",
        _ => "",
    }
}
