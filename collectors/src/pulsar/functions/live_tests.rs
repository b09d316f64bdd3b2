//! A real functions worker with a function, a sink and sources, in a standalone of the test's own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use brokerscope_contract::{Absence, EntityKey, EntityKind, Evidence, LinkKind, Settings, Snapshot, Status};
use reqwest::Method as Verb;
use serde_json::{Value, json};

use crate::collector::{Collector, Factory};
use crate::pulsar::Pulsar;
use crate::pulsar::live_tests::{Broker, endpoints, now};
use crate::pulsar::own_broker::{Manner, OwnBroker, token_of};

const SECRET: &str = "hunter2-is-secret";

/// An archive that `cargo xtask brokers up pulsar` fetches.
fn archive(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/jars/pulsar-functions-4.0.7/lib");
    folder.join(format!("{name}-4.0.7.jar"))
}

/// As `pulsar-admin functions create --jar` does: the settings and the archive as two parts of a form.
async fn deploy(web: &str, token: &str, kind: &str, settings: &Value, archive: &Path) {
    let path = ["tenant", "namespace", "name"].map(|part| settings[part].as_str().unwrap());
    let field = match kind {
        "functions" => "functionConfig",
        "sources" => "sourceConfig",
        _ => "sinkConfig",
    };
    let mut body = format!(
        "--part\r\nContent-Disposition: form-data; name=\"{field}\"\r\nContent-Type: application/json\r\n\r\n{settings}\r\n\
         --part\r\nContent-Disposition: form-data; name=\"data\"; filename=\"it.jar\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    let content = std::fs::read(archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    body.extend(content);
    body.extend(b"\r\n--part--\r\n");
    let url = format!("http://{web}/admin/v3/{kind}/{}", path.join("/"));
    let sent = reqwest::Client::new()
        .post(&url)
        .bearer_auth(token)
        .header("content-type", "multipart/form-data; boundary=part")
        .body(body)
        .send()
        .await
        .expect("the worker answers");
    let status = sent.status();
    assert!(status.is_success(), "{url}: {status} {:?}", sent.text().await);
}

/// A worker that has just started has no leader for a while, and takes nothing up until then.
async fn worker_is_ready(web: &str, token: &str) {
    let url = format!("http://{web}/admin/v2/worker/cluster/leader/ready");
    let mut last = None;
    for _ in 0..120 {
        let asked = reqwest::Client::new().get(&url).bearer_auth(token).send().await;
        let answer = asked.expect("the broker answers");
        if answer.status().is_success() {
            return;
        }
        last = Some(answer.text().await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{url}: {last:?}");
}

/// A fresh collector, which asks everything, until it sees what is waited for.
async fn seen(what: &str, collector: impl Fn() -> Box<dyn Collector>, accept: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let mut last = None;
    for _ in 0..40 {
        let snapshot = collector().collect(now()).await.expect("it answers");
        if accept(&snapshot) {
            return snapshot;
        }
        last = Some((snapshot.checks, snapshot.links, snapshot.warnings));
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    panic!("{what}: {last:#?}");
}

fn evidence(snapshot: &Snapshot, from: &EntityKey, to: &EntityKey, kind: LinkKind) -> Option<Evidence> {
    let mut found = snapshot.links.iter().flatten();
    found
        .find(|link| (&link.from, &link.to, link.kind) == (from, to, kind))
        .map(|link| link.evidence)
}

fn state(snapshot: &Snapshot, key: &EntityKey) -> Option<(Status, String)> {
    let found = snapshot.checks.iter().find(|check| check.entity == *key);
    found.map(|check| (check.status, check.text.clone()))
}

#[tokio::test]
async fn pulsar_live_functions_and_connectors_are_edges_on_4_2() {
    edges_whether_they_run_or_not("pulsar").await;
}

#[tokio::test]
async fn pulsar_live_functions_and_connectors_are_edges_on_4_0() {
    edges_whether_they_run_or_not("pulsar-4.0").await;
}

async fn edges_whether_they_run_or_not(name: &str) {
    let Some(shared) = endpoints(name) else { return };
    let watcher = token_of(&shared, "watcher");
    let manner = Manner {
        functions: true,
        ..Manner::of_tokens(&watcher)
    };
    let own = OwnBroker::start_with(name, &shared, manner).await;
    worker_is_ready(&own.web, &watcher).await;
    let broker = Broker::with_token(&own.web, Some(&watcher)).await;
    for topic in ["words", "loud", "people"] {
        broker.create(topic, 0).await;
    }
    let (tenant, namespace) = broker.namespace.split_once('/').unwrap();
    let full = |topic: &str| format!("persistent://{}/{topic}", broker.namespace);
    let given = |name: &str, class: &str, more: Value| {
        let mut settings = json!({"tenant": tenant, "namespace": namespace, "name": name, "className": class});
        let more = more.as_object().expect("an object").clone();
        settings.as_object_mut().unwrap().extend(more);
        settings
    };
    let examples = archive("pulsar-functions-api-examples");
    let generator = archive("pulsar-io-data-generator");
    let exclaim = given(
        "exclaim",
        "org.apache.pulsar.functions.api.examples.JavaNativeExclamationFunction",
        json!({"inputs": [full("words")], "output": full("loud"), "runtime": "JAVA",
            "userConfig": {"password": SECRET}}),
    );
    deploy(&own.web, &watcher, "functions", &exclaim, &examples).await;
    let printer = given(
        "printer",
        "org.apache.pulsar.io.datagenerator.DataGeneratorPrintSink",
        json!({"inputs": [full("loud")], "parallelism": 2, "configs": {"password": SECRET}}),
    );
    deploy(&own.web, &watcher, "sinks", &printer, &generator).await;
    for (name, pause) in [("generator", "1000"), ("broken", SECRET)] {
        let source = given(
            name,
            "org.apache.pulsar.io.datagenerator.DataGeneratorSource",
            json!({"topicName": full("people"), "configs": {"sleepBetweenMessages": pause}}),
        );
        deploy(&own.web, &watcher, "sources", &source, &generator).await;
    }

    let collector = |role: &str| {
        let settings = json!({"admin_urls": [format!("http://{}", own.web)], "namespaces": [broker.namespace],
            "login": "token", "token": token_of(&shared, role), "interval_seconds": 5});
        let settings: Settings = serde_json::from_value(settings).unwrap();
        Pulsar
            .build(&settings)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
    };
    let key = |name: &str| broker.key(EntityKind::Connector, &[name]);
    let topic = |name: &str| broker.key(EntityKind::Topic, &[name]);
    let read_by = |topic: &str, name: &str| {
        let subscription = format!("{}/{name}", broker.namespace);
        broker.key(EntityKind::Subscription, &[topic, &subscription])
    };
    let behind = |name: &str, class: &str| broker.key(EntityKind::Endpoint, &[name, class]);
    let runs =
        |snapshot: &Snapshot, name: &str| state(snapshot, &key(name)).is_some_and(|(status, _)| status == Status::Ok);
    let connected = |snapshot: &Snapshot| {
        evidence(snapshot, &key("exclaim"), &topic("loud"), LinkKind::Publishes) == Some(Evidence::Connected)
            && evidence(
                snapshot,
                &read_by("loud", "printer"),
                &key("printer"),
                LinkKind::Consumes,
            ) == Some(Evidence::Connected)
    };
    let snapshot = seen(
        "all run",
        || collector("watcher"),
        |snapshot| {
            ["exclaim", "printer", "generator"]
                .iter()
                .all(|name| runs(snapshot, name))
                && state(snapshot, &key("broken")).is_some_and(|(_, text)| text.contains("Cannot deserialize"))
                && connected(snapshot)
        },
    )
    .await;
    println!("{:?}", snapshot.cost);
    assert_eq!(state(&snapshot, &key("printer")).unwrap().1, "2 of 2 instances run");
    assert_eq!(state(&snapshot, &key("broken")).unwrap().0, Status::Critical);
    for (from, to, kind) in [
        (read_by("words", "exclaim"), key("exclaim"), LinkKind::Consumes),
        (
            key("printer"),
            behind("printer", "DataGeneratorPrintSink"),
            LinkKind::Copies,
        ),
        (
            behind("generator", "DataGeneratorSource"),
            key("generator"),
            LinkKind::Copies,
        ),
        (key("generator"), topic("people"), LinkKind::Publishes),
        // It has never connected: only the worker knows of it.
        (key("broken"), topic("people"), LinkKind::Publishes),
    ] {
        assert!(
            evidence(&snapshot, &from, &to, kind).is_some(),
            "{from:?} {to:?}: {:#?}",
            snapshot.links
        );
    }
    assert!(!format!("{snapshot:?}").contains(SECRET));

    let stop = format!(
        "http://{}/admin/v3/functions/{}/exclaim/stop",
        own.web, broker.namespace
    );
    let stopped = reqwest::Client::new().post(&stop).bearer_auth(&watcher).send().await;
    assert!(stopped.expect("the worker answers").status().is_success());
    let snapshot = seen(
        "it has stopped",
        || collector("watcher"),
        |snapshot| {
            state(snapshot, &key("exclaim")).is_some_and(|(status, _)| status == Status::Warning)
                && evidence(snapshot, &key("exclaim"), &topic("loud"), LinkKind::Publishes) == Some(Evidence::Declared)
        },
    )
    .await;
    let (from, to) = (read_by("words", "exclaim"), key("exclaim"));
    assert_eq!(
        evidence(&snapshot, &from, &to, LinkKind::Consumes),
        Some(Evidence::Declared)
    );

    // Rights: consume is not enough, and the documentation's row is.
    let rights = format!("namespaces/{}/permissions/reader", broker.namespace);
    for (actions, is_enough) in [
        (json!(["consume"]), false),
        (json!(["consume", "functions", "sources", "sinks"]), true),
    ] {
        broker.admin(Verb::POST, &rights, actions).await;
        let words = "are shown only while they are connected";
        let snapshot = seen(
            "the right is taken up",
            || collector("reader"),
            |snapshot| {
                snapshot.warnings.iter().any(|warning| warning.text.contains(words)) != is_enough
                    && snapshot
                        .warnings
                        .iter()
                        .all(|warning| !warning.text.contains("GET_TOPICS"))
            },
        )
        .await;
        assert_eq!(state(&snapshot, &key("printer")).is_some(), is_enough);
        let refused = snapshot.warnings.iter().find(|warning| warning.text.contains(words));
        if let Some(refused) = refused {
            assert_eq!(refused.reason, Absence::NotPermitted);
            let remedy = refused.remedy.as_deref().unwrap_or_default();
            assert!(remedy.contains("consume,functions,sources,sinks"), "{remedy}");
        }
    }
}
