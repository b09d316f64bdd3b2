//! Answers as such: problems, compression, protection, and what pages are told.

use super::*;

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
