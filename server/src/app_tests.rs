//! The running server as a client meets it.

use std::path::Path;
use std::time::Duration;

use brokerscope_contract::api::alerts::chart;
use brokerscope_contract::api::path;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{
    Alert, AlertState, ConnectionId, EntityId, EntityKind, Rule, RuleId, Settings, Severity, System, Timestamp, metrics,
};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{App, Options, StartError};
use crate::clock::Clock;
use crate::config::{Config, DeclaredConnection, DeclaredRule, WebhookConfig};
use crate::demo;
use crate::secrets::Key;

/// Noon of some day.
const NOW: Timestamp = Timestamp(1_700_000_000_000);
/// Nobody listens on the discard port, so nothing is ever learnt about this broker.
const BROKER: &str = "http://127.0.0.1:9";
const SECRET: &str = "correct-horse-battery-staple";

struct Running {
    app: App,
    client: Client,
    folder: TempDir,
}

fn options(folder: &Path) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: folder.to_path_buf(),
        config: Config::default(),
        insecure_no_login: false,
        allowed_hosts: Vec::new(),
        secret_key: None,
        clock: Clock::manual(NOW).0,
        demo: demo::Settings {
            when: demo::When::Never,
            otlp_endpoint: None,
        },
    }
}

async fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    start(folder, |_| {}).await
}

async fn start(folder: TempDir, change: impl FnOnce(&mut Options)) -> Running {
    let mut options = options(folder.path());
    change(&mut options);
    let app = App::start(options).await.expect("the server starts");
    let client = Client::builder()
        .no_proxy()
        .no_gzip()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    Running { app, client, folder }
}

impl Running {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.app.address()))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self.request(method, path).json(body).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    async fn restart(self, change: impl FnOnce(&mut Options)) -> Running {
        self.app.shutdown().await;
        start(self.folder, change).await
    }
}

fn rabbit(name: &str) -> Value {
    json!({"name": name, "system": "rabbitmq",
        "settings": {"management_urls": [BROKER], "user": "watcher", "password": SECRET}})
}

#[tokio::test]
async fn with_nothing_configured_every_list_is_empty_and_nothing_is_wrong() {
    let server = running().await;
    let (status, overview) = server.get(path::OVERVIEW).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&overview["connections"], &overview["attention_total"]),
        (&json!([]), &json!(0))
    );
    for path in [path::CONNECTIONS, path::HEALTH] {
        assert_eq!(server.get(path).await, (StatusCode::OK, json!([])), "{path}");
    }
    for path in [path::DESTINATIONS, path::SUBSCRIPTIONS] {
        assert_eq!(server.get(path).await.1["total"], 0, "{path}");
    }
    assert_eq!(server.get(path::TOPOLOGY).await.1["nodes"], json!([]));
    assert_eq!(server.get(path::WEBHOOK).await.1["url"], Value::Null);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_that_says_so() {
    let server = running().await;
    for (method, path, status) in [
        (Method::GET, "/api/v1/nowhere", 404),
        (Method::GET, "/api", 404),
        (Method::GET, "/api/v1/connections/7", 404),
        (Method::GET, "/api/v1/connections/seven", 404),
        (Method::GET, "/api/v1/entities/7", 404),
        (Method::DELETE, "/api/v1/connections/7", 404),
        (Method::DELETE, "/api/v1/rules/7", 404),
        (Method::GET, "/api/v1/demo", 404),
        (Method::DELETE, "/api/v1/demo", 404),
        (Method::POST, "/api/v1/demo/reset", 404),
        (Method::POST, "/api/v1/overview", 405),
        (Method::DELETE, "/api/v1/connections", 405),
        (Method::GET, "/api/v1/series?entity=7&metrics=depth&from=0&to=1", 404),
        (Method::GET, "/api/v1/series?entity=7&metrics=depth&from=0", 400),
        (Method::GET, "/api/v1/series?entity=7&metrics=dept&from=0&to=1", 422),
        (Method::GET, "/api/v1/destinations?limit=many", 400),
        (Method::GET, "/api/v1/destinations?colour=red", 400),
        (Method::GET, "/api/v1/destinations?sort=colour", 422),
        (Method::GET, "/api/v1/topology?hops=21", 422),
    ] {
        let response = server
            .request(method.clone(), path)
            .header("x-brokerscope", "1")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{method} {path}"
        );
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["status"], status, "{method} {path}");
        assert!(
            problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
            "{method} {path}: {problem}"
        );
    }
}

#[tokio::test]
async fn an_unreadable_body_is_refused_by_kind() {
    let server = running().await;
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(1_100_000));
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "{} {}", 422),
        ("application/json", "null", 422),
        ("application/json", &huge, 413),
        ("text/plain", "{}", 415),
    ] {
        let request = server
            .request(Method::POST, path::CONNECTIONS)
            .header("x-brokerscope", "1");
        let response = request
            .header("content-type", kind)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{kind} {}", &body[..body.len().min(20)]);
    }
}

#[tokio::test]
async fn a_connection_is_added_changed_paused_and_removed_and_its_secret_never_shown() {
    let server = running().await;
    let (status, added) = server.send(Method::POST, path::CONNECTIONS, &rabbit("  orders ")).await;
    assert_eq!(status, 201, "{added}");
    assert_eq!(
        (&added["name"], &added["secrets_set"]),
        (&json!("orders"), &json!(["password"]))
    );
    assert_eq!(
        added["settings"],
        json!({"management_urls": [BROKER], "user": "watcher"})
    );
    let one = format!("{}/{}", path::CONNECTIONS, added["id"]);

    let (status, problem) = server.send(Method::POST, path::CONNECTIONS, &rabbit("orders")).await;
    assert_eq!((status.as_u16(), &problem["fields"][0]["field"]), (422, &json!("name")));

    let mut change = rabbit("orders eu");
    change["settings"].as_object_mut().unwrap().remove("password");
    let (status, changed) = server.send(Method::PUT, &one, &change).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(
        (&changed["name"], &changed["secrets_set"]),
        (&json!("orders eu"), &json!(["password"]))
    );

    change["system"] = json!("kafka");
    assert_eq!(server.send(Method::PUT, &one, &change).await.0, 422);

    let (_, paused) = server.send(Method::PATCH, &one, &json!({"paused": true})).await;
    assert_eq!(paused["paused"], true);
    assert!(!server.get(path::OVERVIEW).await.1.to_string().contains(SECRET));

    let gone = server
        .request(Method::DELETE, &one)
        .header("x-brokerscope", "1")
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 204);
    assert_eq!(server.get(&one).await.0, 404);
}

#[tokio::test]
async fn wrong_fields_are_all_named_with_their_remedies() {
    let server = running().await;
    let body = json!({"name": "", "system": "rabbitmq", "settings": {"colour": "red"}});
    let (status, problem) = server.send(Method::POST, path::CONNECTIONS, &body).await;
    assert_eq!(status, 422);
    let fields: Vec<&str> = problem["fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["field"].as_str())
        .collect();
    assert!(
        fields.contains(&"name") && fields.contains(&"settings.colour"),
        "{fields:?}"
    );
    for body in [json!({"system": "rabbitmq"}), json!({"name": "x", "system": "nats?"})] {
        let (status, problem) = server.send(Method::POST, path::CONNECTIONS, &body).await;
        assert_eq!(status, 422);
        assert!(problem["fields"][0]["remedy"].is_string(), "{problem}");
    }
}

#[tokio::test]
async fn a_declared_connection_is_read_only_and_outlives_its_declaration_paused() {
    let settings: Settings = serde_json::from_value(rabbit("x")["settings"].clone()).unwrap();
    let declared = DeclaredConnection {
        name: "declared".into(),
        system: System::RabbitMq,
        paused: false,
        settings,
    };
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder, |options| options.config.connections.push(declared.clone())).await;
    let (_, connections) = server.get(path::CONNECTIONS).await;
    assert_eq!(
        (&connections[0]["origin"], &connections[0]["paused"]),
        (&json!("file"), &json!(false))
    );
    let one = format!("{}/{}", path::CONNECTIONS, connections[0]["id"]);
    let (status, problem) = server.send(Method::PUT, &one, &rabbit("mine")).await;
    assert_eq!(status, 409);
    assert!(problem["remedy"].is_string());

    let server = server.restart(|_| {}).await;
    let (_, connections) = server.get(path::CONNECTIONS).await;
    assert_eq!(
        (&connections[0]["origin"], &connections[0]["paused"]),
        (&json!("page"), &json!(true))
    );

    let server = server
        .restart(|options| options.config.connections.push(declared))
        .await;
    let (_, again) = server.get(path::CONNECTIONS).await;
    assert_eq!(again[0]["id"], connections[0]["id"], "its history is taken up again");
    assert_eq!(
        (&again[0]["origin"], &again[0]["paused"]),
        (&json!("file"), &json!(false))
    );
}

#[tokio::test]
async fn a_webhook_is_set_and_shown_without_its_token_and_a_declared_one_is_read_only() {
    let server = running().await;
    assert_eq!(
        server
            .send(Method::PUT, path::WEBHOOK, &json!({"url": "ftp://x"}))
            .await
            .0,
        422
    );
    let hook = json!({"url": "https://hooks.example/T0KEN"});
    let (status, view) = server.send(Method::PUT, path::WEBHOOK, &hook).await;
    assert_eq!(status, 200);
    assert!(
        view["url"]
            .as_str()
            .is_some_and(|url| url.contains("hooks.example") && !url.contains("T0KEN")),
        "{view}"
    );
    let declare = |options: &mut Options| {
        options.config.webhook = Some(WebhookConfig {
            url: "https://declared.example/".into(),
        });
    };
    let server = server.restart(declare).await;
    assert!(
        server
            .get(path::WEBHOOK)
            .await
            .1
            .to_string()
            .contains("declared.example")
    );
    assert_eq!(server.send(Method::PUT, path::WEBHOOK, &hook).await.0, 409);
}

#[tokio::test]
async fn a_threshold_is_added_changed_and_removed_and_a_declared_one_is_read_only() {
    let server = running().await;
    let mut rule = json!({"name": " deep ", "metric": "depth", "comparison": "above", "fire": 10.0, "clear": 5.0,
        "severity": "warning", "scope": {"system": "kafka"}});
    let (status, added) = server.send(Method::POST, path::RULES, &rule).await;
    assert_eq!(
        (status.as_u16(), &added["name"], &added["origin"]),
        (201, &json!("deep"), &json!("page"))
    );
    let one = format!("{}/{}", path::RULES, added["id"]);
    rule["fire"] = json!(20.0);
    assert_eq!(server.send(Method::PUT, &one, &rule).await.1["fire"], 20.0);
    rule["clear"] = json!(30.0);
    let (status, problem) = server.send(Method::PUT, &one, &rule).await;
    assert_eq!(
        (status.as_u16(), &problem["fields"][0]["field"]),
        (422, &json!("clear"))
    );
    rule["metric"] = json!("dept");
    assert_eq!(
        server.send(Method::PUT, &one, &rule).await.1["fields"][0]["field"],
        "metric"
    );
    let gone = server
        .request(Method::DELETE, &one)
        .header("x-brokerscope", "1")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (gone.status().as_u16(), server.get(path::RULES).await.1),
        (204, json!([]))
    );

    let mut declared: Rule = serde_json::from_value(added).unwrap();
    declared.origin = Origin::File;
    declared.id = RuleId(0);
    let declare = |options: &mut Options| {
        options.config.rules.push(DeclaredRule {
            rule: declared,
            connection: None,
        });
    };
    let server = server.restart(declare).await;
    let (_, rules) = server.get(path::RULES).await;
    let one = format!("{}/{}", path::RULES, rules[0]["rule"]["id"]);
    let refused = server
        .request(Method::DELETE, &one)
        .header("x-brokerscope", "1")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 409);
    assert_eq!(
        server.restart(|_| {}).await.get(path::RULES).await.1,
        json!([]),
        "it leaves with its declaration"
    );
}

#[tokio::test]
async fn with_another_key_the_connection_says_so_and_typing_the_secret_again_repairs_it() {
    let server = running().await;
    let (_, added) = server.send(Method::POST, path::CONNECTIONS, &rabbit("orders")).await;
    let other = Key::parse(&"ab".repeat(32), "the test").unwrap();
    let server = server.restart(|options| options.secret_key = Some(other)).await;
    let (_, connections) = server.get(path::CONNECTIONS).await;
    let sentence = connections[0]["judgement"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("another secret key"), "{sentence}");
    let one = format!("{}/{}", path::CONNECTIONS, added["id"]);
    let (status, repaired) = server.send(Method::PUT, &one, &rabbit("orders")).await;
    assert_eq!(status, 200);
    let sentence = repaired["judgement"]["sentence"].as_str().unwrap();
    assert!(!sentence.contains("secret key"), "{sentence}");
}

#[tokio::test]
async fn the_chart_of_an_alert_is_a_picture() {
    let running = running().await;
    let alert = Alert {
        id: 0,
        rule: RuleId(7),
        rule_name: "Deep queue".into(),
        metric: metrics::DEPTH,
        severity: Severity::Critical,
        state: AlertState::Resolved,
        entity: EntityRef {
            id: EntityId(9),
            connection: ConnectionId(1),
            kind: EntityKind::Queue,
            scope: "/".into(),
            name: "orders".into(),
        },
        connection_name: "rabbit-eu".into(),
        active_at: NOW.plus_millis(-600_000),
        fired_at: Some(NOW.plus_millis(-500_000)),
        ended_at: Some(NOW),
        value: Some(12.0),
        threshold: 10.0,
        sentence: "Messages waiting is 12, above 10.".into(),
    };
    let id = running.app.store.save_alerts(&[alert]).await.unwrap()[0];
    let answer = running.request(Method::GET, &chart(id)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "image/png");
    let file = answer.bytes().await.unwrap();
    assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1_000, 480), "width and height");
    let (status, problem) = running.get(&chart(id + 1)).await;
    assert_eq!((status, &problem["type"]), (StatusCode::NOT_FOUND, &json!("not_found")));
}

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let server = running().await;
    let first = server.request(Method::GET, path::CONNECTIONS).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    let ask = || {
        server
            .request(Method::GET, path::CONNECTIONS)
            .header("if-none-match", tag.clone())
    };
    let second = ask().send().await.unwrap();
    assert_eq!(
        (second.status().as_u16(), second.headers()["etag"].clone()),
        (304, tag.clone())
    );
    assert_eq!(second.text().await.unwrap(), "");
    server.send(Method::POST, path::CONNECTIONS, &rabbit("orders")).await;
    assert_eq!(ask().send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_can_read_that() {
    let server = running().await;
    for (accepted, encoding) in [("gzip", Some("gzip")), ("br, gzip", Some("br")), ("identity", None)] {
        let request = server
            .request(Method::GET, path::METRICS)
            .header("accept-encoding", accepted);
        let response = request.send().await.unwrap();
        let sent = response
            .headers()
            .get("content-encoding")
            .map(|value| value.to_str().unwrap().to_string());
        assert_eq!(sent.as_deref(), encoding, "{accepted}");
    }
}

#[tokio::test]
async fn every_answer_is_protected_and_foreign_requests_are_refused() {
    let server = running().await;
    for path in ["/", "/healthz", "/nowhere.js", path::OVERVIEW, "/api/v1/nowhere"] {
        let response = server.request(Method::GET, path).send().await.unwrap();
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_string();
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("'wasm-unsafe-eval'"),
            "{path}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    }
    let foreign = server
        .request(Method::GET, path::OVERVIEW)
        .header("host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403);
    let probe = server
        .request(Method::GET, "/readyz")
        .header("host", "10.0.0.7:7070")
        .send()
        .await
        .unwrap();
    assert_eq!(probe.status(), 200, "platforms probe by addresses of their own");
    let forged = server
        .request(Method::POST, path::CONNECTIONS)
        .header("origin", "https://evil.example");
    assert_eq!(forged.json(&rabbit("x")).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_page_answers_its_own_addresses_and_missing_files_are_missing() {
    let server = running().await;
    for path in ["/", "/queues", "/entities/12"] {
        let response = server.request(Method::GET, path).send().await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_string();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
    }
    assert_eq!(server.get("/app-0000000000000000.js").await.0, 404);
    assert_eq!(server.get("/index.html.br").await.0, 404);
}

#[tokio::test]
async fn a_page_is_told_at_once_where_everything_stands_and_then_what_changes() {
    let server = running().await;
    let mut events = server.request(Method::GET, path::EVENTS).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while !text.contains("\"alerts\"") {
        text += &String::from_utf8_lossy(&events.chunk().await.unwrap().expect("the stream goes on"));
    }
    text.clear();
    server.send(Method::POST, path::CONNECTIONS, &rabbit("orders")).await;
    while !text.contains("{\"what\":\"connections\"}") {
        text += &String::from_utf8_lossy(&events.chunk().await.unwrap().expect("the stream goes on"));
    }
    server.app.shutdown().await;
    while let Ok(Some(_)) = events.chunk().await {}
}

#[tokio::test]
async fn a_start_that_cannot_be_is_explained_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut open = options(folder.path());
    open.listen = "0.0.0.0:0".parse().unwrap();
    let error = App::start(open).await.err().expect("refused");
    assert!(matches!(error, StartError::NotLoopback(_)) && error.to_string().contains("--insecure-no-login"));

    let server = running().await;
    let mut taken = options(folder.path());
    taken.listen = server.app.address();
    let error = App::start(taken).await.err().expect("refused");
    assert!(error.to_string().contains("--listen"), "{error}");

    let mut second = options(server.folder.path());
    second.listen = "127.0.0.1:0".parse().unwrap();
    let error = App::start(second).await.err().expect("refused");
    assert!(error.to_string().contains("in use by another Brokerscope"), "{error}");
}

/// Asks until it is so.
#[cfg(feature = "demo")]
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(60), asking).await;
    assert!(asked.is_ok(), "not within a minute: {what}");
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn a_change_of_the_demo_is_carried_through_though_who_asked_for_it_is_gone() {
    let server = running().await;
    let demo = &server.app.demo;
    let state = async || {
        (
            server.get(path::DEMO).await.0.as_u16(),
            server.get(path::CONNECTIONS).await.1,
        )
    };
    let connections = |list: &Value| list.as_array().map_or(0, Vec::len);
    // Dropped after its first step, as a request is whose client goes away.
    assert!(tokio::time::timeout(Duration::ZERO, demo.switch_on()).await.is_err());
    until("the demo runs, with its connection", async || {
        let (status, list) = state().await;
        (status, connections(&list)) == (200, 1)
    })
    .await;
    assert!(tokio::time::timeout(Duration::ZERO, demo.switch_off()).await.is_err());
    until("it is off, and so is its connection", async || {
        let (status, list) = state().await;
        (status, connections(&list)) == (404, 0)
    })
    .await;
    server.app.shutdown().await;
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn a_demo_that_cannot_have_its_connection_does_not_run() {
    let server = running().await;
    for name in ["Demo shop", "Demo shop (built in)"] {
        let (status, _) = server.send(Method::POST, path::CONNECTIONS, &rabbit(name)).await;
        assert_eq!(status, 201);
    }
    let (status, _) = server.send(Method::POST, path::DEMO, &json!({})).await;
    assert!(status.is_client_error(), "{status}");
    assert_eq!(server.get(path::DEMO).await.0, 404);
    assert_eq!(server.get(path::CONNECTIONS).await.1.as_array().map(Vec::len), Some(2));
    server.app.shutdown().await;
}
