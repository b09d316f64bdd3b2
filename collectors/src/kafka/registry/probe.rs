//! The steps of "test connection" for a Schema Registry: reach, login, what is visible.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use tokio::time::timeout;

use super::super::probe::{Step, many, reach};
use super::super::rest::{Client, Failure, Service, place};
use super::{Part, subject};
use crate::collector::ProbeReport;

const PATIENCE: Duration = Duration::from_secs(8);
/// Where Apicurio Registry speaks this API below its root.
const APICURIO: &str = "apis/ccompat/v7/";

/// `topics` are those that are visible in the cluster.
pub async fn run(service: &Service, topics: &[&str], report: &ProbeReport) {
    let client = match Client::new(service) {
        Ok(client) => client,
        Err(failure) => return Step::begin("Schema Registry", report).failed(failure.to_string(), failure.remedy()),
    };
    let mut visible = None;
    for root in &service.roots {
        if !reach::service(root, report).await {
            continue;
        }
        let step = Step::begin(format!("Schema Registry at {}", place(root)), report);
        match ask::<BTreeSet<String>>(&client, root, "subjects").await {
            Ok(subjects) => {
                step.passed(format!("answers: {}", many(subjects.len(), "subject")));
                visible = Some(subjects);
            }
            Err(failure @ (Failure::Unknown(..) | Failure::AnotherService(..))) => {
                let (detail, remedy) = explain(&client, root, &failure).await;
                step.failed(detail, remedy);
            }
            Err(failure) => step.failed(failure.to_string(), failure.remedy()),
        }
    }
    if let Some(subjects) = visible {
        joined(&subjects, topics, report);
    }
}

async fn ask<T: serde::de::DeserializeOwned>(client: &Client, root: &Url, path: &str) -> Result<T, Failure> {
    let asked = timeout(PATIENCE, client.ask_at::<T>(root, path)).await;
    asked.unwrap_or_else(|_| Err(Failure::timed_out(&place(root))))
}

/// What is there instead of a registry.
async fn explain(client: &Client, root: &Url, failure: &Failure) -> (String, String) {
    let greeting = ask::<Value>(client, root, "").await;
    if greeting.is_ok_and(|said| said.get("kafka_cluster_id").is_some()) {
        return (
            "Kafka Connect answers there, not a Schema Registry.".into(),
            "Put this address into the field for Kafka Connect, and the registry's here, by default http://HOST:8081."
                .into(),
        );
    }
    let deeper = root.join(APICURIO).ok();
    if let Some(deeper) = deeper
        && ask::<BTreeSet<String>>(client, &deeper, "subjects").await.is_ok()
    {
        return (
            format!("{failure}. An Apicurio Registry answers there."),
            format!("Give the address with its path: {deeper}"),
        );
    }
    (failure.to_string(), failure.remedy())
}

fn joined(subjects: &BTreeSet<String>, topics: &[&str], report: &ProbeReport) {
    let step = Step::begin("Schemas of topics", report);
    let with = topics
        .iter()
        .filter(|topic| {
            [Part::Key, Part::Value]
                .iter()
                .any(|part| subjects.contains(&subject(topic, *part)))
        })
        .count();
    let detail = format!("{} with a schema under the topic's name", many(with, "topic"));
    if with == 0 && !subjects.is_empty() {
        step.limited(
            format!("{detail}: none of the subjects is called after a visible topic"),
            "Subjects are joined to topics by TopicNameStrategy, TOPIC-key and TOPIC-value. Check that this is the registry of \
             this cluster; subjects of other strategies are counted, and joined to no topic.",
        );
    } else {
        step.passed(detail);
    }
}
