//! What is made of a registry's answers: those that Apicurio 2.6.13 gave, and a fake from Confluent's documentation.

use std::time::Duration;

use brokerscope_contract::{Absence, Status, StepOutcome, Timestamp};
use serde_json::json;

use super::super::rest::Client;
use super::super::rest::fake::{Fake, recorded};
use super::*;
use crate::collector::ProbeReport;

const TOPICS: &[&str] = &["orders", "payments"];
const ALL: &str = "/schemas?latestOnly=true&offset=0&limit=200";

/// A fake of Confluent's registry, by its documented answers.
async fn confluent(subjects: &[&str]) -> Fake {
    let latest: Vec<_> = subjects
        .iter()
        .map(|subject| json!({"subject": subject, "version": 4, "id": 17, "schema": "\"string\""}))
        .collect();
    let fake = Fake::serving(&[
        ("/subjects", 200, &json!(subjects).to_string()),
        ("/mode", 200, r#"{"mode":"READWRITE"}"#),
        ("/config", 200, r#"{"compatibilityLevel":"BACKWARD"}"#),
        (ALL, 200, &json!(latest).to_string()),
    ])
    .await;
    for subject in subjects {
        let name = super::super::rest::segment(subject);
        fake.set(&format!("/subjects/{name}/versions"), 200, "[1,3,4]");
        fake.set(
            &format!("/config/{name}"),
            404,
            r#"{"error_code":40408,"message":"Subject does not have subject-level compatibility configured"}"#,
        );
    }
    fake
}

async fn visit(client: &Client, memory: &mut Memory, topics: &[&str], minute: i64) {
    let at = Timestamp(minute * 60_000);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    let answers = ask(client, memory, topics, at, deadline).await;
    memory.take(at, Some(answers));
}

/// Name, value and note of what a topic's page shows.
fn shown(memory: &Memory, topic: &str) -> Vec<(String, String, String)> {
    map::attributes(memory, topic)
        .into_iter()
        .map(|attribute| (attribute.name, attribute.value, attribute.note.unwrap_or_default()))
        .collect()
}

fn statuses(memory: &Memory) -> Vec<(String, Status, Option<Absence>)> {
    checks::results(memory)
        .into_iter()
        .map(|result| (result.check.0, result.status, result.absent))
        .collect()
}

#[tokio::test]
async fn a_topic_shows_version_type_and_compatibility_of_its_schemas() {
    let fake = confluent(&["orders-value", "orders-key", "com.shop.Order"]).await;
    fake.set("/config/orders%2Dkey", 200, r#"{"compatibilityLevel":"NONE"}"#);
    let client = fake.client(&WORDS, &[("schema_registry_token", "hunter2")]);
    let mut memory = Memory::default();
    visit(&client, &mut memory, TOPICS, 0).await;
    let expected = [
        (
            "key schema",
            "version 4, AVRO, NONE",
            "subject orders-key, by the topic's name; 3 versions are kept; compatibility of its own",
        ),
        (
            "value schema",
            "version 4, AVRO, BACKWARD",
            "subject orders-value, by the topic's name; 3 versions are kept; compatibility of the whole registry",
        ),
    ];
    let expected = expected.map(|(name, value, note)| (name.to_string(), value.to_string(), note.to_string()));
    assert_eq!(shown(&memory, "orders"), expected);
    assert_eq!(shown(&memory, "payments"), [], "it has none under its name");
    let summary = map::summary(&memory, TOPICS.iter().copied()).unwrap();
    assert_eq!(summary.value, "3");
    assert!(summary.note.unwrap().starts_with("1 of them"));
    let asked = fake.asked();
    assert!(asked.iter().all(|(_, login)| login == "Bearer hunter2"), "{asked:?}");
    // Names, mode, compatibility, one page of latest versions, and two for each of the two subjects.
    assert_eq!(asked.len(), 8);
    assert_eq!(client.take_cost().0, 8);
    let ok = |check: &str| (check.to_string(), Status::Ok, None);
    assert_eq!(
        statuses(&memory),
        [ok("schema_registry_reachable"), ok("schema_registry_mode")]
    );

    // The next visit has nothing to ask but names, mode and compatibility.
    visit(&client, &mut memory, TOPICS, 1).await;
    assert_eq!(fake.asked().len(), 3);
    // A subject that is newer than the list is asked for its version by itself.
    fake.set(
        "/subjects",
        200,
        &json!(["orders-value", "orders-key", "payments-value"]).to_string(),
    );
    fake.set("/subjects/payments%2Dvalue/versions", 200, "[1]");
    let first = json!({"subject": "payments-value", "version": 1, "id": 19, "schema": "{}", "schemaType": "PROTOBUF"});
    fake.set("/subjects/payments%2Dvalue/versions/latest", 200, &first.to_string());
    visit(&client, &mut memory, TOPICS, 2).await;
    assert_eq!(shown(&memory, "payments")[0].1, "version 1, PROTOBUF, BACKWARD");
    fake.asked();
    // Ten minutes later a new version is seen.
    fake.set(
        ALL,
        200,
        &json!([{"subject": "orders-value", "version": 5, "id": 18, "schemaType": "JSON", "schema": "{}"}]).to_string(),
    );
    visit(&client, &mut memory, TOPICS, 11).await;
    assert_eq!(shown(&memory, "orders")[1].1, "version 5, JSON, BACKWARD");
}

#[tokio::test]
async fn a_registry_without_such_a_list_is_asked_subject_by_subject() {
    let file = |name: &str| recorded(&format!("apicurio-2.6.13/{name}.json"));
    let fake = Fake::serving(&[
        ("/subjects", 200, &file("subjects")),
        ("/mode", 404, &file("mode")),
        ("/config", 200, &file("config")),
        ("/config/orders%2Dvalue", 200, &file("config")),
        ("/subjects/orders%2Dvalue/versions", 200, &file("versions")),
        ("/subjects/orders%2Dvalue/versions/latest", 200, &file("latest")),
    ])
    .await;
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    visit(&client, &mut memory, TOPICS, 0).await;
    let value = &shown(&memory, "orders")[0];
    assert_eq!(
        (value.0.as_str(), value.1.as_str()),
        ("value schema", "version 2, AVRO, NONE")
    );
    assert!(value.2.contains("2 versions are kept"), "{}", value.2);
    assert_eq!(memory.tells_all, Some(false));
    let mode = (
        "schema_registry_mode".to_string(),
        Status::Unknown,
        Some(Absence::NotSupported),
    );
    assert_eq!(statuses(&memory)[1], mode, "it has no modes");
    fake.asked();
    visit(&client, &mut memory, TOPICS, 11).await;
    assert!(
        fake.asked().iter().all(|(path, _)| !path.starts_with("/schemas")),
        "it is not asked in vain again"
    );
}

#[tokio::test]
async fn many_subjects_have_their_turn_within_a_budget() {
    let topics: Vec<String> = (0..70).map(|n| format!("t{n:02}")).collect();
    let subjects: Vec<String> = topics.iter().map(|topic| format!("{topic}-value")).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    let fake = confluent(&subjects).await;
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    for (minute, known) in [(0, 30), (1, 60), (2, 70)] {
        visit(&client, &mut memory, &topics, minute).await;
        let counted = memory
            .subjects
            .values()
            .filter(|subject| subject.versions.is_some())
            .count();
        assert_eq!(counted, known, "at minute {minute}");
        assert!(client.take_cost().0 <= 4 + 2 * 30);
    }
    assert_eq!(shown(&memory, "t69")[0].1, "version 4, AVRO, BACKWARD");
}

#[tokio::test]
async fn a_list_that_breaks_off_counts_as_far_as_it_came_and_is_not_asked_anew_each_time() {
    let names: Vec<String> = (0..250).map(|n| format!("topic-{n:03}-value")).collect();
    let fake = confluent(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let first_page: Vec<_> = names[..200]
        .iter()
        .map(|subject| json!({"subject": subject, "version": 4, "id": 17, "schema": "\"string\""}))
        .collect();
    fake.set(ALL, 200, &json!(first_page).to_string());
    fake.set("/schemas?latestOnly=true&offset=200&limit=200", 500, "");
    let latest = json!({"subject": "topic-249-value", "version": 9, "id": 19, "schema": "{}"});
    fake.set(
        "/subjects/topic%2D249%2Dvalue/versions/latest",
        200,
        &latest.to_string(),
    );
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    visit(&client, &mut memory, &["topic-000", "topic-249"], 0).await;
    assert_eq!(shown(&memory, "topic-000")[0].1, "version 4, AVRO, BACKWARD");
    assert_eq!(shown(&memory, "topic-249")[0].1, "version 9, AVRO, BACKWARD");
    fake.asked();
    visit(&client, &mut memory, &["topic-000", "topic-249"], 1).await;
    let asked = fake.asked();
    assert!(!asked.iter().any(|(path, _)| path.starts_with("/schemas")), "{asked:?}");
}

#[tokio::test]
async fn a_registry_that_takes_nothing_is_a_warning_and_one_that_is_down_fails() {
    let fake = confluent(&["orders-value"]).await;
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    fake.set("/mode", 200, r#"{"mode":"READONLY"}"#);
    visit(&client, &mut memory, TOPICS, 0).await;
    assert_eq!(statuses(&memory)[1].1, Status::Warning);
    fake.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    visit(&client, &mut memory, TOPICS, 1).await;
    assert_eq!(
        statuses(&memory),
        [("schema_registry_reachable".to_string(), Status::Critical, None)]
    );
    let value = &shown(&memory, "orders")[0];
    assert_eq!(value.1, "version 4, AVRO, BACKWARD", "what was known stays");
    assert!(value.2.ends_with("as the registry told last"), "{}", value.2);
    assert_eq!(map::warnings(&memory).len(), 1);
}

#[tokio::test]
async fn what_is_not_permitted_is_not_known_and_no_zero() {
    let fake = confluent(&["orders-value"]).await;
    let refused = r#"{"error_code":40301,"message":"User is denied operation Read on Subject: orders-value"}"#;
    for path in ["/subjects/orders%2Dvalue/versions", "/config/orders%2Dvalue", ALL] {
        fake.set(path, 403, refused);
    }
    let mut memory = Memory::default();
    visit(&fake.client(&WORDS, &[]), &mut memory, TOPICS, 0).await;
    let value = &shown(&memory, "orders")[0];
    assert_eq!(value.1, "version not known");
    assert!(value.2.contains("denied operation Read"), "{}", value.2);
    assert!(!value.2.contains("versions are kept"), "{}", value.2);
}

async fn probe(fake: &Fake) -> (StepOutcome, String) {
    let service = fake.client(&WORDS, &[]).service().clone();
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    probe::run(&service, TOPICS, &report).await;
    drop(report);
    let mut last = None;
    while let Some(step) = steps.recv().await {
        last = Some((
            step.outcome,
            format!("{} {}", step.detail, step.remedy.unwrap_or_default()),
        ));
    }
    last.unwrap()
}

#[tokio::test]
async fn a_test_of_the_connection_names_what_is_there_instead() {
    let fake = confluent(&["orders-value"]).await;
    let (outcome, text) = probe(&fake).await;
    assert_eq!(
        (outcome, text.trim()),
        (StepOutcome::Passed, "1 topic with a schema under the topic's name")
    );

    fake.set("/subjects", 200, r#"["com.shop.Order"]"#);
    let (outcome, text) = probe(&fake).await;
    assert!(
        outcome == StepOutcome::Limited && text.contains("TopicNameStrategy"),
        "{text}"
    );

    fake.set("/subjects", 404, "");
    fake.set("/", 200, &recorded("connect-4.1.0/root.json"));
    let (outcome, text) = probe(&fake).await;
    assert!(
        outcome == StepOutcome::Failed && text.contains("Kafka Connect answers there"),
        "{text}"
    );

    fake.set("/", 200, "<html>");
    fake.set("/apis/ccompat/v7/subjects", 200, "[]");
    let (_, text) = probe(&fake).await;
    assert!(
        text.contains("Apicurio") && text.contains("/apis/ccompat/v7/"),
        "{text}"
    );
}
