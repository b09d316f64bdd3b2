//! Thresholds, the webhook, and the picture of an alert.

use super::*;

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
    let gone = server.delete(&one).await;
    assert_eq!((gone.as_u16(), server.get(path::RULES).await.1), (204, json!([])));

    let mut declared: Rule = serde_json::from_value(added).unwrap();
    declared.origin = Origin::File;
    declared.id = RuleId(0);
    let declare = |connection: Option<&str>| {
        let declared = DeclaredRule {
            rule: declared.clone(),
            connection: connection.map(str::to_owned),
        };
        move |options: &mut Options| options.config.rules.push(declared)
    };
    let server = server.restart(declare(None)).await;
    let (_, rules) = server.get(path::RULES).await;
    let server = server.restart(declare(Some("a slip of the pen"))).await;
    assert_eq!(
        server.get(path::RULES).await.1,
        rules,
        "a connection that is not there ends nothing"
    );
    let one = format!("{}/{}", path::RULES, rules[0]["rule"]["id"]);
    let refused = server.delete(&one).await;
    assert_eq!(refused, 409);
    assert_eq!(
        server.restart(|_| {}).await.get(path::RULES).await.1,
        json!([]),
        "it leaves with its declaration"
    );
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
