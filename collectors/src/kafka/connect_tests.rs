//! What is made of Kafka Connect's answers: those that 4.1.0 gave, and those of a fake that fails.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use brokerscope_contract::{
    Absence, CheckResult, EntityKey, EntityKind, Evidence, LinkKind, Status, StepOutcome, Timestamp,
};

use super::super::rest::fake::{Fake, recorded};
use super::map::Known;
use super::wire::Connectors;
use super::*;
use crate::collector::ProbeReport;

const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qk";
const LIST: &str = "/connectors?expand=status&expand=info";

/// A Kafka Connect as it was recorded: a source that is paused, a sink that was stopped, a sink whose task failed.
async fn as_recorded() -> Fake {
    Fake::serving(&[
        ("/", 200, &recorded("connect-4.1.0/root.json")),
        (LIST, 200, &recorded("connect-4.1.0/connectors.json")),
        (
            "/connectors/rec%2Dsource/topics",
            200,
            &recorded("connect-4.1.0/topics-rec-source.json"),
        ),
    ])
    .await
}

async fn visit(client: &super::super::rest::Client, memory: &mut Memory, at: i64, patience: Duration) {
    let answers = ask(client, memory, tokio::time::Instant::now() + patience).await;
    memory.take(Timestamp(at), Some(answers));
}

const PATIENCE: Duration = Duration::from_secs(5);

fn check<'a>(results: &'a [CheckResult], check: &str, name: &str) -> &'a CheckResult {
    results
        .iter()
        .find(|result| result.check.0 == check && result.entity.name() == name)
        .unwrap_or_else(|| panic!("no {check} of {name:?}"))
}

/// All topics and groups of these names are there.
struct Here(BTreeSet<&'static str>);

impl Known for Here {
    fn topic(&self, name: &str) -> Option<EntityKey> {
        self.0.contains(name).then(|| EntityKey::new(EntityKind::Topic, [name]))
    }

    fn group(&self, name: &str) -> Option<EntityKey> {
        self.0
            .contains(name)
            .then(|| EntityKey::new(EntityKind::ConsumerGroup, [name]))
    }
}

#[tokio::test]
async fn states_of_connectors_and_tasks_are_checks_of_the_connector() {
    let fake = as_recorded().await;
    let mut memory = Memory::default();
    visit(&fake.client(&WORDS, &[]), &mut memory, 0, PATIENCE).await;
    let results = checks::results(&memory, Some(CLUSTER));
    for (id, name, status) in [
        ("connect_reachable", "", Status::Ok),
        ("connector_state", "rec-source", Status::Warning),
        ("connector_tasks", "rec-source", Status::Warning),
        ("connector_state", "rec-sink", Status::Warning),
        ("connector_tasks", "rec-sink", Status::Warning),
        ("connector_state", "rec-broken", Status::Ok),
        ("connector_tasks", "rec-broken", Status::Critical),
    ] {
        assert_eq!(check(&results, id, name).status, status, "{id} {name}");
    }
    let failed = &check(&results, "connector_tasks", "rec-broken").text;
    assert!(
        failed.starts_with(
            "1 of 1 failed; task 0 FAILED on 127.0.0.1:21411: org.apache.kafka.connect.errors.ConnectException"
        ),
        "{failed}"
    );
    assert!(failed.contains("JsonParseException"), "the cause is told: {failed}");
    assert!(!failed.contains("\tat "), "not where in the code: {failed}");
    assert_eq!(
        check(&results, "connect_reachable", "").text,
        "version 4.1.0, 3 connectors, 1 of 1 addresses answer"
    );
    assert_eq!(checks::table().len(), 3);
}

#[tokio::test]
async fn one_request_tells_all_connectors_and_one_more_where_a_source_writes() {
    let fake = as_recorded().await;
    let client = fake.client(&WORDS, &[("connect_user", "watch"), ("connect_password", "hunter2")]);
    let mut memory = Memory::default();
    visit(&client, &mut memory, 0, PATIENCE).await;
    let mut asked: Vec<String> = fake
        .asked()
        .into_iter()
        .map(|(path, login)| {
            assert_eq!(login, "Basic d2F0Y2g6aHVudGVyMg==");
            path
        })
        .collect();
    asked.sort();
    assert_eq!(asked, ["/", "/connectors/rec%2Dsource/topics", LIST]);
    let (requests, bytes) = client.take_cost();
    assert_eq!(requests, 3);
    let told: u64 = ["root", "connectors", "topics-rec-source"]
        .iter()
        .map(|file| recorded(&format!("connect-4.1.0/{file}.json")).len() as u64)
        .sum();
    assert_eq!(bytes, told);
}

#[tokio::test]
async fn connectors_join_topics_groups_and_what_is_behind_them() {
    let fake = as_recorded().await;
    let mut memory = Memory::default();
    visit(&fake.client(&WORDS, &[]), &mut memory, 0, PATIENCE).await;
    let here = Here(["kafkabs.rec", "kafkabs.rec.dead", "connect-rec-sink"].into());
    let links = map::links(&memory, &here);
    let topic = |name: &str| EntityKey::new(EntityKind::Topic, [name]);
    let group = EntityKey::new(EntityKind::ConsumerGroup, ["connect-rec-sink"]);
    let beyond = |name: &str, class: &str| EntityKey::new(EntityKind::Endpoint, [name, class]);
    let has = |from: &EntityKey, to: &EntityKey, kind, evidence| {
        let found = links
            .iter()
            .find(|link| link.from == *from && link.to == *to && link.kind == kind);
        assert_eq!(found.unwrap_or_else(|| panic!("{from:?} to {to:?}")).evidence, evidence);
    };
    let (source, sink) = (map::key("rec-source"), map::key("rec-sink"));
    has(
        &beyond("rec-source", "FileStreamSourceConnector"),
        &source,
        LinkKind::Copies,
        Evidence::Declared,
    );
    has(&source, &topic("kafkabs.rec"), LinkKind::Publishes, Evidence::Connected);
    has(&topic("kafkabs.rec"), &group, LinkKind::Subscribes, Evidence::Declared);
    has(&group, &sink, LinkKind::Consumes, Evidence::Declared);
    has(
        &sink,
        &beyond("rec-sink", "FileStreamSinkConnector"),
        LinkKind::Copies,
        Evidence::Declared,
    );
    has(
        &sink,
        &topic("kafkabs.rec.dead"),
        LinkKind::DeadLetter,
        Evidence::Declared,
    );
    // The group of this one has never committed anything.
    has(
        &topic("kafkabs.rec"),
        &map::key("rec-broken"),
        LinkKind::Consumes,
        Evidence::Declared,
    );
    has(
        &map::key("rec-broken"),
        &beyond("rec-broken", "FileStreamSink"),
        LinkKind::Copies,
        Evidence::Declared,
    );
    assert_eq!(links.len(), 8);
    assert_eq!(memory.reader("connect-rec-sink"), Some("rec-sink"));
    assert_eq!(memory.reader("connect-rec-source"), None, "a source has no group");
    assert_eq!(memory.reader("billing"), None);
}

#[tokio::test]
async fn settings_that_are_not_named_are_not_even_kept() {
    let mut answer = recorded("connect-4.1.0/connectors.json");
    answer = answer.replace(
        "\"tasks.max\":\"1\"",
        "\"tasks.max\":\"1\",\"connection.password\":\"hunter2\"",
    );
    let fake = Fake::serving(&[("/", 200, &recorded("connect-4.1.0/root.json")), (LIST, 200, &answer)]).await;
    let mut memory = Memory::default();
    visit(&fake.client(&WORDS, &[]), &mut memory, 0, PATIENCE).await;
    let shown = format!("{memory:?} {:?}", map::entities(&memory, &Here([].into()), &[]));
    assert!(shown.contains("FileStreamSinkConnector"));
    assert!(!shown.contains("hunter2") && !shown.contains("/srv/"), "{shown}");
}

#[tokio::test]
async fn a_connect_that_stops_fails_its_check_and_what_was_known_stays() {
    let fake = as_recorded().await;
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    visit(&client, &mut memory, 0, PATIENCE).await;
    assert!(memory.fresh && map::warnings(&memory).is_empty());
    let before = map::links(&memory, &Here(["kafkabs.rec"].into()));
    fake.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    visit(&client, &mut memory, 60_000, PATIENCE).await;
    assert!(!memory.fresh, "its connectors are not described anew, and become stale");
    let results = checks::results(&memory, Some(CLUSTER));
    let reach = check(&results, "connect_reachable", "");
    assert_eq!(reach.status, Status::Critical);
    assert!(reach.text.contains("refused the connection"), "{}", reach.text);
    let tasks = check(&results, "connector_tasks", "rec-broken");
    assert_eq!((tasks.status, tasks.absent), (Status::Unknown, Some(Absence::Stale)));
    assert!(tasks.text.contains("1 of 1 failed"), "{}", tasks.text);
    assert_eq!(map::links(&memory, &Here(["kafkabs.rec"].into())), before);
    let warnings = map::warnings(&memory);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].reason, Absence::Failed);
    assert!(
        warnings[0].text.contains("shown as they were last"),
        "{}",
        warnings[0].text
    );
}

#[tokio::test]
async fn a_slow_connect_costs_its_deadline_and_no_more() {
    let fake = as_recorded().await;
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    fake.slow_down("/connectors?", Duration::from_secs(30));
    let started = Instant::now();
    visit(&client, &mut memory, 0, Duration::from_millis(300)).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(
        memory.trouble.as_ref().unwrap().to_string(),
        "Kafka Connect did not answer in time"
    );
    // Slow only where sources write to: the connectors count.
    fake.slow_down("/topics", Duration::from_secs(30));
    visit(&client, &mut memory, 0, Duration::from_millis(300)).await;
    assert_eq!(
        (memory.trouble.clone(), memory.connectors.as_ref().unwrap().len()),
        (None, 3)
    );
    assert!(memory.written.is_empty() && map::warnings(&memory).is_empty());
}

#[tokio::test]
async fn a_connect_of_another_cluster_is_told_apart() {
    let fake = as_recorded().await;
    let mut memory = Memory::default();
    visit(&fake.client(&WORDS, &[]), &mut memory, 0, PATIENCE).await;
    let results = checks::results(&memory, Some("another"));
    let reach = check(&results, "connect_reachable", "");
    assert_eq!(reach.status, Status::Warning);
    assert!(
        reach.text.contains(CLUSTER) && reach.text.contains("another"),
        "{}",
        reach.text
    );
}

#[test]
fn every_state_has_its_meaning() {
    let state_of = |state: &str, tasks: &[&str], direction: &str| {
        let tasks: Vec<_> = (0..)
            .zip(tasks)
            .map(|(id, state)| serde_json::json!({"id": id, "state": state, "worker_id": "w:1"}))
            .collect();
        let connectors: Connectors = serde_json::from_value(serde_json::json!({"c": {
            "status": {"name": "c", "connector": {"state": state, "worker_id": "w:1"}, "tasks": tasks, "type": direction},
            "info": {"name": "c", "config": {"connector.class": "a.B"}, "tasks": [], "type": direction},
        }}))
        .unwrap();
        let mut memory = Memory::default();
        memory.connectors = Some(connectors);
        memory.asked = true;
        let results = checks::results(&memory, None);
        (
            check(&results, "connector_state", "c").status,
            check(&results, "connector_tasks", "c").status,
        )
    };
    use Status::{Critical, Ok, Warning};
    for (state, tasks, direction, expected) in [
        ("RUNNING", &["RUNNING", "RUNNING"][..], "sink", (Ok, Ok)),
        ("RUNNING", &["RUNNING", "FAILED"], "sink", (Ok, Critical)),
        ("RUNNING", &["RUNNING", "UNASSIGNED"], "source", (Ok, Warning)),
        ("RUNNING", &["RESTARTING"], "source", (Ok, Warning)),
        ("RUNNING", &[], "source", (Ok, Ok)),
        ("RUNNING", &[], "sink", (Ok, Warning)),
        ("PAUSED", &["PAUSED"], "sink", (Warning, Warning)),
        ("STOPPED", &[], "sink", (Warning, Warning)),
        ("UNASSIGNED", &["UNASSIGNED"], "sink", (Warning, Warning)),
        ("RESTARTING", &["RUNNING"], "sink", (Warning, Ok)),
        ("FAILED", &[], "unknown", (Critical, Warning)),
        ("SOMETHING_NEW", &["SOMETHING_NEW"], "sink", (Warning, Warning)),
    ] {
        assert_eq!(
            state_of(state, tasks, direction),
            expected,
            "{state} {tasks:?} {direction}"
        );
    }
}

#[tokio::test]
async fn sources_have_their_turn_when_there_are_many() {
    let one = |name: &str| {
        serde_json::json!({
            "status": {"name": name, "connector": {"state": "RUNNING", "worker_id": "w:1"}, "tasks": [], "type": "source"},
            "info": {"name": name, "config": {}, "tasks": [], "type": "source"},
        })
    };
    let names: Vec<String> = (0..50).map(|n| format!("s{n:02}")).collect();
    let all: serde_json::Map<_, _> = names.iter().map(|name| (name.clone(), one(name))).collect();
    let fake = Fake::serving(&[
        ("/", 200, &recorded("connect-4.1.0/root.json")),
        (LIST, 200, &serde_json::Value::Object(all).to_string()),
    ])
    .await;
    for name in &names {
        let body = serde_json::json!({name: {"topics": [format!("t-{name}")]}}).to_string();
        fake.set(&format!("/connectors/{name}/topics"), 200, &body);
    }
    let client = fake.client(&WORDS, &[]);
    let mut memory = Memory::default();
    for (visits, known) in [(1, 20), (2, 40), (3, 50)] {
        visit(&client, &mut memory, visits * 60_000, PATIENCE).await;
        assert_eq!(memory.written.len(), known);
        let asked = fake
            .asked()
            .into_iter()
            .filter(|(path, _)| path.ends_with("/topics"))
            .count();
        assert_eq!(asked, 20, "never more than so many on one visit");
    }
}

async fn probe(fake: &Fake) -> Vec<(String, StepOutcome, String)> {
    let service = fake.client(&WORDS, &[]).service().clone();
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    probe::run(&service, Some(CLUSTER), &report).await;
    drop(report);
    let mut heard = Vec::new();
    while let Some(step) = steps.recv().await {
        let first = step.title.split(' ').next().unwrap_or_default().to_string();
        heard.push((
            first,
            step.outcome,
            format!("{} {}", step.detail, step.remedy.unwrap_or_default()),
        ));
    }
    heard
}

#[tokio::test]
async fn a_test_of_the_connection_tells_reach_login_and_what_is_visible() {
    let fake = as_recorded().await;
    let steps = probe(&fake).await;
    let outcomes: Vec<_> = steps
        .iter()
        .map(|(title, outcome, _)| (title.as_str(), *outcome))
        .collect();
    let passed = StepOutcome::Passed;
    assert_eq!(outcomes, [("TCP", passed), ("Kafka", passed), ("Connectors", passed)]);
    assert_eq!(
        steps[2].2.trim(),
        "3 connectors with 2 tasks: 1 PAUSED, 1 RUNNING, 1 STOPPED"
    );

    fake.set("/", 401, "");
    let steps = probe(&fake).await;
    assert_eq!(steps[1].1, StepOutcome::Failed);
    assert!(steps[1].2.contains("asks for a login Fill in"), "{}", steps[1].2);

    fake.set("/", 200, "{}");
    let steps = probe(&fake).await;
    assert!(
        steps[1].1 == StepOutcome::Failed && steps[1].2.contains("Schema Registry"),
        "{}",
        steps[1].2
    );

    fake.set("/", 200, "<html>");
    let steps = probe(&fake).await;
    assert!(steps[1].2.contains("it is a web page"), "{}", steps[1].2);
    fake.stop();
}
