//! The API as a client meets it: nothing configured, bad input, foreign pages, secrets.

use brokerscope_contract::api::connections::{ConnectionView, SystemView};
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_tests::Product;
use reqwest::{Client, Method};
use serde_json::{Value, json};

#[tokio::test]
async fn with_nothing_configured_everything_answers_and_nothing_is_wrong() {
    let product = Product::start().await;
    let overview: Overview = product.get(path::OVERVIEW).await;
    assert!(overview.connections.is_empty());
    assert!(overview.attention.is_empty());
    for path in [
        path::CONNECTIONS,
        path::DESTINATIONS,
        path::SUBSCRIPTIONS,
        path::TOPOLOGY,
        path::HEALTH,
    ] {
        let _: Value = product.get(path).await;
    }
    for path in [path::RULES, path::ALERTS, path::METRICS, path::WEBHOOK, path::SYSTEMS] {
        let _: Value = product.get(path).await;
    }
}

#[tokio::test]
async fn each_system_describes_its_own_form() {
    let product = Product::start().await;
    let systems: Vec<SystemView> = product.get(path::SYSTEMS).await;
    let slugs: Vec<_> = systems.iter().map(|view| view.system.slug()).collect();
    assert_eq!(slugs, ["rabbitmq", "kafka", "pulsar", "nats", "aws_sqs", "gcp_pubsub"]);
    for view in systems {
        assert!(!view.fields.is_empty(), "{:?} asks for nothing", view.system);
        assert!(
            view.fields.iter().all(|field| !field.help.is_empty()),
            "{:?} explains every field",
            view.system
        );
        assert!(!view.checks.is_empty());
    }
}

#[tokio::test]
async fn the_process_says_that_it_lives_and_is_ready() {
    let product = Product::start().await;
    let client = Client::new();
    for probe in ["/healthz", "/readyz"] {
        let response = client.get(format!("{}{probe}", product.url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{probe}");
    }
    let metrics = client
        .get(format!("{}/metrics", product.url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(metrics.contains("# TYPE brokerscope_"), "{metrics}");
}

#[tokio::test]
async fn an_unknown_id_is_not_found_and_says_so() {
    let product = Product::start().await;
    for path in ["/api/v1/connections/77", "/api/v1/entities/77", "/api/v1/nowhere"] {
        let (status, problem) = product.send(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 404, "{path}: {problem}");
        assert_eq!(problem["status"], 404, "{path}: {problem}");
        assert!(problem["detail"].is_string(), "{path}: {problem}");
    }
}

#[tokio::test]
async fn bad_input_names_the_field_and_the_remedy() {
    let product = Product::start().await;
    let cases = [
        (json!({"name": "", "system": "rabbitmq", "settings": {}}), "name"),
        (json!({"name": "x", "system": "nats?", "settings": {}}), "system"),
        (json!({"system": "kafka", "settings": {}}), "name"),
        (json!({"name": "x", "system": "kafka", "settings": {}}), "settings."),
        (
            json!({"name": "x", "system": "kafka", "settings": {"bootstrap_servers": 12}}),
            "settings.bootstrap_servers",
        ),
        (
            json!({"name": "x", "system": "kafka", "settings": {"colour": "red"}}),
            "settings.colour",
        ),
    ];
    for (body, field) in cases {
        let (status, problem) = product.send(Method::POST, path::CONNECTIONS, &body).await;
        assert!(status == 400 || status == 422, "{body}: {status} {problem}");
        let named = problem["fields"].as_array().is_some_and(|fields| {
            fields.iter().any(|problem| {
                problem["field"].as_str().is_some_and(|name| name.starts_with(field))
                    && problem["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty())
            })
        });
        assert!(named, "{body}: {problem} does not name {field}");
    }
    let connections: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    assert!(connections.is_empty(), "nothing half-made is left behind");
}

#[tokio::test]
async fn text_that_is_no_json_is_refused_without_harm() {
    let product = Product::start().await;
    for body in ["", "{", "[1,2", "null", "\u{0}\u{1}", "{\"name\": \"\\ud800\"}"] {
        let response = Client::new()
            .post(format!("{}{}", product.url, path::CONNECTIONS))
            .header("content-type", "application/json")
            .header("x-brokerscope", "1")
            .body(body)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        assert!(status == 400 || status == 422, "{body:?}: {status}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_by_name() {
    let product = Product::start().await;
    for query in [
        "sort=colour",
        "limit=many",
        "verdict=purple",
        "system=carrier-pigeon",
        "colour=red",
        "cursor=!!",
    ] {
        let (status, problem) = product
            .send(Method::GET, &format!("{}?{query}", path::DESTINATIONS), &Value::Null)
            .await;
        assert!(status == 400 || status == 422, "{query}: {status} {problem}");
        let name = query.split('=').next().unwrap();
        assert!(problem.to_string().contains(name), "{query}: {problem}");
    }
}

#[tokio::test]
async fn a_foreign_host_is_refused_because_of_dns_rebinding() {
    let product = Product::start().await;
    let request = Client::new()
        .get(format!("{}{}", product.url, path::OVERVIEW))
        .header("host", "evil.example");
    let response = request.send().await.unwrap();
    assert!(
        [400, 403, 421].contains(&response.status().as_u16()),
        "{}",
        response.status()
    );
}

#[tokio::test]
async fn a_foreign_page_cannot_change_anything() {
    let product = Product::start().await;
    let body = json!({"name": "x", "system": "kafka", "settings": {"bootstrap_servers": ["127.0.0.1:1"]}});
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "null"),
    ] {
        let request = Client::new()
            .post(format!("{}{}", product.url, path::CONNECTIONS))
            .header("x-brokerscope", "1");
        let response = request.header(name, value).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 403, "{name}: {value}");
    }
    let plain_form = Client::new()
        .post(format!("{}{}", product.url, path::CONNECTIONS))
        .header("content-type", "text/plain")
        .body(body.to_string());
    let status = plain_form.send().await.unwrap().status().as_u16();
    assert!([403, 415].contains(&status), "{status}");
    let connections: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    assert!(connections.is_empty());
}

#[tokio::test]
async fn a_secret_is_stored_sealed_and_never_shown_again() {
    const SECRET: &str = "correct-horse-battery-staple";
    let product = Product::start().await;
    let body = json!({"name": "rabbit", "system": "rabbitmq",
        "settings": {"management_urls": ["http://127.0.0.1:9"], "user": "watcher", "password": SECRET}});
    let created = product.post(path::CONNECTIONS, &body).await;
    assert_eq!(created["secrets_set"], json!(["password"]), "{created}");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for path in [path::CONNECTIONS, path::OVERVIEW, path::HEALTH] {
        let answer: Value = product.get(path).await;
        assert!(!answer.to_string().contains(SECRET), "{path} shows the secret");
    }
    assert!(!product.log().contains(SECRET), "the log shows the secret");
    for file in std::fs::read_dir(product.data_dir()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "{} holds the secret in the clear", path.display());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let product = Product::start().await;
    let body = json!({"name": "rabbit", "system": "rabbitmq",
        "settings": {"management_urls": ["http://127.0.0.1:9"], "user": "watcher", "password": "x"}});
    product.post(path::CONNECTIONS, &body).await;
    let keys: Vec<_> = std::fs::read_dir(product.data_dir())
        .unwrap()
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().contains("key"))
        .collect();
    assert_eq!(keys.len(), 1, "one key file");
    assert_eq!(keys[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_rule_whose_clear_threshold_is_on_the_wrong_side_is_refused() {
    let product = Product::start().await;
    let rule = json!({"name": "deep", "metric": "depth", "comparison": "above", "fire": 100.0, "clear": 200.0,
        "severity": "critical"});
    let (status, problem) = product.send(Method::POST, path::RULES, &rule).await;
    assert!(status == 400 || status == 422, "{status} {problem}");
    assert_eq!(problem["fields"][0]["field"], "clear", "{problem}");
}

#[tokio::test]
async fn connections_and_rules_survive_a_kill() {
    let mut product = Product::start().await;
    let body = json!({"name": "rabbit \u{1F407} <b>", "system": "rabbitmq",
        "settings": {"management_urls": ["http://127.0.0.1:9"], "user": "watcher", "password": "x"}});
    product.post(path::CONNECTIONS, &body).await;
    let rule = json!({"name": "deep", "metric": "depth", "comparison": "above", "fire": 100.0, "clear": 80.0,
        "severity": "critical"});
    product.post(path::RULES, &rule).await;
    product.kill_and_restart();
    let connections: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    assert_eq!(connections[0].name, "rabbit \u{1F407} <b>");
    let rules: Value = product.get(path::RULES).await;
    assert_eq!(rules[0]["rule"]["name"], "deep", "{rules}");
}
