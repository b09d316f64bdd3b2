//! Against a real Kafka Connect and a real Schema Registry beside a real Kafka: both are parts of its connection.

use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::health::{CheckView, HealthView};
use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::Topology;
use brokerscope_contract::{Absence, EntityKind, LinkKind, Status, Verdict};
use brokerscope_tests::brokers::{Endpoints, broker, broker_alone};
use brokerscope_tests::connect::{Frozen, create, delete, file_sink, file_source, register, set_compatibility, tasks};
use brokerscope_tests::{Product, kafka, patience::eventually};
use serde_json::json;

fn unique(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("connect-test.{name}.{}", now.unwrap().as_nanos())
}

/// Watches only what the test has made, beside everything of Kafka Connect and the registry.
async fn watch(kafka: &Endpoints, connect: Option<&Endpoints>, registry: Option<&Endpoints>) -> Product {
    let product = Product::start().await;
    let mut settings = json!({"bootstrap_servers": kafka.bootstrap, "interval_seconds": 5});
    if let Some(connect) = connect {
        settings["connect_urls"] = json!(connect.management);
    }
    if let Some(registry) = registry {
        settings["schema_registry_urls"] = json!(registry.management);
    }
    let connection = json!({"name": "kafka", "system": "kafka", "settings": settings});
    product.post(path::CONNECTIONS, &connection).await;
    product
}

async fn check(product: &Product, id: &str, entity: &str) -> Option<CheckView> {
    let health: Vec<HealthView> = product.get(path::HEALTH).await;
    let mut checks = health.into_iter().flat_map(|view| view.checks);
    checks.find(|check| check.def.id.0 == id && check.entity.name == entity)
}

async fn group(product: &Product, group: &str, accept: impl Fn(&EntityRow) -> bool) -> Option<EntityRow> {
    let rows: Rows = product.get(&format!("{}?q={group}", path::SUBSCRIPTIONS)).await;
    let mut rows = rows.page.items.into_iter();
    rows.find(|row| row.entity.name == group && accept(row))
}

#[tokio::test]
async fn messages_are_followed_from_file_to_file() {
    let (Some(kafka), Some(connect)) = (broker("kafka"), broker("connect")) else {
        return;
    };
    let (topic, dead) = (unique("lines"), unique("lines-dead"));
    let (source, sink) = (unique("reader"), unique("writer"));
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, "one\ntwo\nthree\n").unwrap();
    kafka::create_topic(&kafka, &topic, 1).await;
    kafka::create_topic(&kafka, &dead, 1).await;
    create(&connect, &source, &file_source(&from, &topic)).await;
    let mut config = file_sink(&to, &topic);
    config["errors.tolerance"] = json!("all");
    config["errors.deadletterqueue.topic.name"] = json!(dead);
    config["errors.deadletterqueue.topic.replication.factor"] = json!("1");
    create(&connect, &sink, &config).await;
    eventually("the three lines are copied", 60, || async {
        let copied = std::fs::read_to_string(&to).ok()?;
        (copied == "one\ntwo\nthree\n").then_some(())
    })
    .await;

    let product = watch(&kafka, Some(&connect), None).await;
    let reads = format!("connect-{sink}");
    let row = eventually("the sink has read everything", 90, || {
        group(&product, &reads, |row| row.lag.value == Some(0.0))
    })
    .await;
    let chain = [
        ("FileStreamSourceConnector", source.as_str(), LinkKind::Copies),
        (&source, &topic, LinkKind::Publishes),
        (&topic, &reads, LinkKind::Subscribes),
        (&reads, &sink, LinkKind::Consumes),
        (&sink, "FileStreamSinkConnector", LinkKind::Copies),
        (&sink, &dead, LinkKind::DeadLetter),
    ]
    .map(|(from, to, kind)| (from.to_string(), to.to_string(), kind));
    let topology = eventually("every edge of the way is drawn", 90, || async {
        let query = format!("{}?focus={}&hops=4", path::TOPOLOGY, row.entity.id.0);
        let topology: Topology = product.get(&query).await;
        let name = |id| {
            let node = topology.nodes.iter().find(|node| node.entity.id == id);
            node.map(|node| node.entity.name.clone())
        };
        let drawn: Vec<_> = topology
            .edges
            .iter()
            .filter_map(|edge| Some((name(edge.from)?, name(edge.to)?, edge.kind)))
            .collect();
        let all = chain.iter().all(|edge| drawn.contains(edge));
        all.then_some(topology.clone())
    })
    .await;
    let kinds = |kind| topology.nodes.iter().filter(|node| node.entity.kind == kind).count();
    assert_eq!((kinds(EntityKind::Connector), kinds(EntityKind::Endpoint)), (2, 2));
    assert_eq!(
        kinds(EntityKind::Service),
        0,
        "the sink's consumers are no service of their own"
    );
    for name in [&source, &sink] {
        for id in ["connector_state", "connector_tasks"] {
            let check = check(&product, id, name).await.unwrap();
            assert_eq!(check.status, Status::Ok, "{id} of {name}: {}", check.text);
            assert_eq!(check.entity.kind, EntityKind::Connector);
        }
    }
    let shown = format!("{:?}", product.get::<serde_json::Value>(path::HEALTH).await);
    assert!(
        !shown.contains(&from.display().to_string()),
        "settings of connectors are not shown"
    );
    for name in [&source, &sink] {
        delete(&connect, name).await;
    }
    eventually("a connector that is deleted is gone", 120, || async {
        check(&product, "connector_state", &source)
            .await
            .is_none()
            .then_some(())
    })
    .await;
    kafka::delete_topic(&kafka, &topic).await;
    kafka::delete_topic(&kafka, &dead).await;
}

#[tokio::test]
async fn a_task_that_fails_turns_its_check_and_says_why() {
    let (Some(kafka), Some(connect)) = (broker("kafka"), broker("connect")) else {
        return;
    };
    let (topic, sink) = (unique("broken"), unique("fragile"));
    let folder = tempfile::tempdir().unwrap();
    kafka::create_topic(&kafka, &topic, 1).await;
    let mut config = file_sink(&folder.path().join("to"), &topic);
    config["value.converter"] = json!("org.apache.kafka.connect.converters.LongConverter");
    create(&connect, &sink, &config).await;
    eventually("its task runs", 60, || async {
        (tasks(&connect, &sink).await == ["RUNNING"]).then_some(())
    })
    .await;
    let product = watch(&kafka, Some(&connect), None).await;
    eventually("all is well", 90, || async {
        let check = check(&product, "connector_tasks", &sink).await?;
        (check.status == Status::Ok && check.text == "1 of 1 run").then_some(())
    })
    .await;
    // No number of eight bytes.
    kafka::produce(&kafka, &topic, 1).await;
    let failed = eventually("the check fails", 120, || async {
        let check = check(&product, "connector_tasks", &sink).await?;
        (check.status == Status::Critical).then_some(check)
    })
    .await;
    assert!(
        failed.text.starts_with("1 of 1 failed; task 0 FAILED on "),
        "{}",
        failed.text
    );
    assert!(
        failed.text.contains("Tolerance exceeded in error handler"),
        "{}",
        failed.text
    );
    assert!(failed.def.remedy.contains("restart"), "{}", failed.def.remedy);
    let judgement = eventually("the connector is called broken", 60, || async {
        let path = format!("{}/{}", path::ENTITIES, failed.entity.id.0);
        let detail: EntityDetail = product.get(&path).await;
        (detail.row.judgement.verdict == Verdict::Broken).then_some(detail.row.judgement)
    })
    .await;
    assert!(judgement.sentence.contains(&sink), "{}", judgement.sentence);
    delete(&connect, &sink).await;
    kafka::delete_topic(&kafka, &topic).await;
}

#[tokio::test]
async fn versions_of_schemas_stand_at_their_topics() {
    let (Some(kafka), Some(registry)) = (broker("kafka"), broker("apicurio")) else {
        return;
    };
    let topic = unique("typed");
    kafka::create_topic(&kafka, &topic, 1).await;
    let record = |fields| json!({"type": "record", "name": "Order", "fields": fields});
    let id = json!({"name": "id", "type": "string"});
    register(&registry, &format!("{topic}-value"), &record(json!([id]))).await;
    let more = json!({"name": "count", "type": "int", "default": 0});
    register(&registry, &format!("{topic}-value"), &record(json!([id, more]))).await;
    set_compatibility(&registry, &format!("{topic}-value"), "FULL").await;
    register(&registry, &format!("{topic}-key"), &json!({"type": "string"})).await;

    let product = watch(&kafka, None, Some(&registry)).await;
    let path_of = format!("{}?q={topic}", path::DESTINATIONS);
    let detail = eventually("its page shows both schemas", 150, || async {
        let rows: Rows = product.get(&path_of).await;
        let row = rows.page.items.into_iter().find(|row| row.entity.name == topic)?;
        let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, row.entity.id.0)).await;
        let told = |name: &str| {
            detail
                .attributes
                .iter()
                .any(|a| a.name == name && a.value.starts_with("version "))
        };
        (told("key schema") && told("value schema")).then_some(detail)
    })
    .await;
    let attribute = |name: &str| {
        detail
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .unwrap()
    };
    let value = attribute("value schema");
    assert_eq!(value.value, "version 2, AVRO, FULL");
    assert!(
        value
            .note
            .as_deref()
            .unwrap()
            .contains("2 versions are kept; compatibility of its own"),
        "{value:?}"
    );
    assert!(
        attribute("key schema").value.starts_with("version 1, AVRO, "),
        "{:?}",
        attribute("key schema")
    );
    let reachable = check(&product, "schema_registry_reachable", "").await.unwrap();
    assert_eq!(reachable.status, Status::Ok, "{}", reachable.text);
    let mode = check(&product, "schema_registry_mode", "").await.unwrap();
    assert_eq!(
        mode.absent,
        Some(Absence::NotSupported),
        "Apicurio has no modes: {}",
        mode.text
    );
    kafka::delete_topic(&kafka, &topic).await;
}

#[tokio::test]
async fn a_connect_that_hangs_hides_nothing_of_kafka() {
    let (Some(kafka), Some(connect)) = (broker("kafka"), broker_alone("connect")) else {
        return;
    };
    let (topic, reads, source) = (unique("orders"), unique("billing"), unique("steady"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("from");
    std::fs::write(&file, "one\n").unwrap();
    kafka::create_topic(&kafka, &topic, 1).await;
    kafka::produce(&kafka, &topic, 20).await;
    kafka::consume(&kafka, &topic, &reads, 10).await;
    create(&connect, &source, &file_source(&file, &topic)).await;
    let product = watch(&kafka, Some(&connect), None).await;
    eventually("the connector runs", 90, || async {
        let check = check(&product, "connector_state", &source).await?;
        (check.status == Status::Ok).then_some(())
    })
    .await;

    let frozen = Frozen::of(&connect);
    let failed = eventually("the check of Kafka Connect fails", 120, || async {
        let check = check(&product, "connect_reachable", "").await?;
        (check.status == Status::Critical).then_some(check)
    })
    .await;
    assert!(failed.text.contains("did not answer in time"), "{}", failed.text);
    let state = check(&product, "connector_state", &source).await.unwrap();
    assert_eq!(
        (state.status, state.absent),
        (Status::Unknown, Some(Absence::Stale)),
        "{}",
        state.text
    );
    assert!(
        state.text.contains("RUNNING"),
        "what it did last is said: {}",
        state.text
    );
    // Kafka's own figures go on: what is produced now is seen, to the message.
    kafka::produce(&kafka, &topic, 30).await;
    let truth = kafka::lag(&kafka, &topic, &reads, 1).await;
    assert!(truth >= 40, "{truth}");
    eventually("lag is what Kafka says", 60, || {
        group(&product, &reads, |row| {
            row.lag.value == Some(truth as f64) && row.lag.absent.is_none()
        })
    })
    .await;
    drop(frozen);
    eventually("all is well again", 120, || async {
        let reach = check(&product, "connect_reachable", "").await?;
        let state = check(&product, "connector_state", &source).await?;
        (reach.status == Status::Ok && state.status == Status::Ok).then_some(())
    })
    .await;
    delete(&connect, &source).await;
    kafka::delete_topic(&kafka, &topic).await;
}

#[tokio::test]
async fn a_test_of_the_connection_says_which_service_is_where() {
    let (Some(kafka), Some(connect), Some(registry)) = (broker("kafka"), broker("connect"), broker("apicurio")) else {
        return;
    };
    let product = Product::start().await;
    // Each in the other's field.
    let text = steps(&product, &kafka, &registry, &connect).await;
    assert!(text.contains("not what Kafka Connect says"), "{text}");
    assert!(
        text.contains("Kafka Connect answers there, not a Schema Registry"),
        "{text}"
    );
    // Each in its own.
    let text = steps(&product, &kafka, &connect, &registry).await;
    assert!(
        text.contains("version 4.1.0") && text.contains("Schemas of topics"),
        "{text}"
    );
    assert!(!text.contains("\"failed\""), "{text}");
}

/// The steps of "test connection", one a line.
async fn steps(product: &Product, kafka: &Endpoints, connect: &Endpoints, registry: &Endpoints) -> String {
    let settings = json!({"bootstrap_servers": kafka.bootstrap, "connect_urls": connect.management,
        "schema_registry_urls": registry.management});
    let request = reqwest::Client::new()
        .post(format!("{}{}", product.url, path::CONNECTION_TEST))
        .header("x-brokerscope", "1")
        .json(&json!({"name": "k", "system": "kafka", "settings": settings}));
    request.send().await.unwrap().text().await.unwrap()
}
