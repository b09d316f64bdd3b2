//! Connections: added, changed, paused, removed, and declared in the file.

use super::*;

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

    let gone = server.delete(&one).await;
    assert_eq!(gone, 204);
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
async fn a_connection_makes_way_for_a_declared_one_as_often_as_the_file_changes_its_mind() {
    let of = |system: System| {
        let settings = match system {
            System::Kafka => json!({"bootstrap_servers": ["127.0.0.1:9"]}),
            _ => rabbit("x")["settings"].clone(),
        };
        let declared = DeclaredConnection {
            name: "orders".into(),
            system,
            paused: false,
            settings: serde_json::from_value(settings).unwrap(),
        };
        move |options: &mut Options| options.config.connections.push(declared)
    };
    let mut server = running().await;
    for system in [
        System::Kafka,
        System::RabbitMq,
        System::Kafka,
        System::RabbitMq,
        System::Kafka,
    ] {
        server = server.restart(of(system)).await;
    }
    let (_, connections) = server.get(path::CONNECTIONS).await;
    let mut names: Vec<&str> = connections
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    names.sort_unstable();
    let aside = [
        "orders",
        "orders (kafka 2)",
        "orders (kafka)",
        "orders (rabbitmq 2)",
        "orders (rabbitmq)",
    ];
    assert_eq!(names, aside);
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
    let mut silent = rabbit("orders");
    silent["settings"].as_object_mut().unwrap().remove("password");
    let (status, problem) = server.send(Method::PUT, &one, &silent).await;
    assert_eq!(
        (status.as_u16(), &problem["fields"][0]["field"]),
        (422, &json!("settings.password")),
        "what is locked away is not thrown away"
    );
    let (status, repaired) = server.send(Method::PUT, &one, &rabbit("orders")).await;
    assert_eq!(status, 200);
    let sentence = repaired["judgement"]["sentence"].as_str().unwrap();
    assert!(!sentence.contains("secret key"), "{sentence}");
}
