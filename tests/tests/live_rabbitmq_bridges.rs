//! Against a real RabbitMQ: shovels, federation, policies, and what the broker says about features.

use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::health::{CheckView, HealthView};
use brokerscope_contract::api::{path, topology::Topology};
use brokerscope_contract::{Absence, EntityKind, LinkKind, Status, metrics};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::rabbitmq::Traffic;
use brokerscope_tests::rabbitmq_vhost::Vhost;
use brokerscope_tests::{Product, patience::eventually};
use reqwest::Method;
use serde_json::{Value, json};

const SECRET: &str = "s3cret-word";

/// Watches one virtual host only.
async fn watch(endpoints: &Endpoints, vhost: &Vhost, user: &str) -> Product {
    let product = Product::start().await;
    let settings = json!({"management_urls": endpoints.management, "prometheus_urls": endpoints.prometheus,
        "user": user, "password": user, "interval_seconds": 5, "vhosts": [vhost.name]});
    let body = json!({"name": "rabbit", "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &body).await;
    product
}

async fn check(product: &Product, id: &str, entity: &str) -> Option<CheckView> {
    let health: Vec<HealthView> = product.get(path::HEALTH).await;
    let checks = health.into_iter().flat_map(|connection| connection.checks);
    checks
        .into_iter()
        .find(|check| check.def.id.0 == id && check.entity.name == entity)
}

/// Edges of a kind as "from -> to [labels]".
async fn edges(product: &Product, kind: LinkKind) -> Vec<String> {
    let topology: Topology = product.get(&format!("{}?internal=true", path::TOPOLOGY)).await;
    let name = |id| {
        let entity = topology
            .nodes
            .iter()
            .map(|node| &node.entity)
            .find(|entity| entity.id == id);
        let entity = entity.expect("what an edge leads to is a node");
        match entity.kind {
            EntityKind::Endpoint => format!("{} of {}", entity.name, entity.scope),
            _ => entity.name.clone(),
        }
    };
    let of_kind = topology.edges.iter().filter(|edge| edge.kind == kind);
    of_kind
        .map(|edge| format!("{} -> {} {:?}", name(edge.from), name(edge.to), edge.labels))
        .collect()
}

async fn row(product: &Product, name: &str, accept: impl Fn(&EntityRow) -> bool) -> EntityRow {
    eventually(&format!("the row of {name}"), 90, || async {
        let rows: Rows = product.get(&format!("{}?q={name}", path::DESTINATIONS)).await;
        let mut rows = rows.page.items.into_iter();
        rows.find(|row| row.entity.name == name && accept(row))
    })
    .await
}

async fn a_shovel_is_an_edge_and_its_check_turns_when_it_breaks(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let vhost = Vhost::create(&endpoints, "shovels").await;
    for queue in ["orders", "copy"] {
        vhost.put("queues", queue, &json!({"durable": true})).await;
    }
    let here = format!("amqp:///{}", vhost.name);
    let definition = |to: &str| json!({"src-uri": here, "src-queue": "orders", "dest-uri": to, "dest-queue": "copy"});
    vhost.define("shovel", "mover", definition(&here)).await;
    let traffic = Traffic::connect_to(&endpoints, &vhost.name).await;
    let product = watch(&endpoints, &vhost, "guest").await;
    traffic.publish("orders", 12).await;
    row(&product, "copy", |row| row.depth.value == Some(12.0)).await;
    let expected = "orders -> copy [\"shovel mover\"]";
    eventually("the shovel is an edge", 90, || async {
        let edges = edges(&product, LinkKind::Copies).await;
        edges.contains(&expected.to_string()).then_some(())
    })
    .await;
    let runs = eventually("the shovel runs", 90, || async {
        let check = check(&product, "shovel", "mover").await?;
        (check.status == Status::Ok).then_some(check)
    })
    .await;
    assert_eq!(runs.entity.kind, EntityKind::Bridge);
    let bridge: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, runs.entity.id.0)).await;
    let parent = bridge.parent.expect("it belongs to its virtual host");
    let page: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, parent.id.0)).await;
    let listed = page.parts.iter().any(|part| part.entity.id == runs.entity.id);
    assert!(listed && parent.name == vhost.name, "{:?}", page.parts);
    // Since version 4.1 the broker counts what a shovel forwards.
    let forwarded = bridge
        .metrics
        .iter()
        .find(|view| view.metric == metrics::RABBITMQ_SHOVEL_FORWARDED);
    assert_eq!(forwarded.is_some(), name == "rabbitmq");

    let nowhere = format!("amqp://shop:{SECRET}@127.0.0.1:5/eu");
    vhost.define("shovel", "mover", definition(&nowhere)).await;
    let broken = eventually("its check turns", 200, || async {
        let check = check(&product, "shovel", "mover").await?;
        (check.status == Status::Critical).then_some(check)
    })
    .await;
    assert!(broken.text.starts_with("not connected"), "{}", broken.text);
    assert!(!broken.def.remedy.is_empty());
    let outside = "orders -> queue copy of AMQP broker at 127.0.0.1:5, virtual host eu [\"shovel mover\"]";
    eventually("it leads to another broker now", 90, || async {
        let edges = edges(&product, LinkKind::Copies).await;
        edges.contains(&outside.to_string()).then_some(())
    })
    .await;
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, broken.entity.id.0)).await;
    let to = detail.attributes.iter().find(|attribute| attribute.name == "to");
    let to = to.expect("where it leads");
    assert_eq!(to.value, "queue copy at 127.0.0.1:5, virtual host eu");
    nothing_holds_the_secret(&product);

    vhost.remove("parameters/shovel", "mover").await;
    eventually("a shovel that is deleted has no check", 120, || async {
        check(&product, "shovel", "mover").await.is_none().then_some(())
    })
    .await;
    vhost.delete().await;
}

/// Neither what is stored nor what is logged.
fn nothing_holds_the_secret(product: &Product) {
    let files = std::fs::read_dir(product.data_dir()).expect("the data folder is there");
    let mut read = 0;
    for file in files
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
    {
        let bytes = std::fs::read(&file).expect("a readable file");
        let held = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!held, "{} holds the password of a shovel", file.display());
        read += bytes.len();
    }
    assert!(read > 0, "there was something to look through");
    assert!(!product.log().contains(SECRET));
}

#[tokio::test]
async fn a_shovel_is_an_edge_and_its_check_turns_when_it_breaks_on_4_3() {
    a_shovel_is_an_edge_and_its_check_turns_when_it_breaks("rabbitmq").await;
}

#[tokio::test]
async fn a_shovel_is_an_edge_and_its_check_turns_when_it_breaks_on_3_10() {
    a_shovel_is_an_edge_and_its_check_turns_when_it_breaks("rabbitmq-3.10").await;
}

#[tokio::test]
async fn federation_is_an_edge_from_another_broker_and_from_another_virtual_host() {
    let (Some(endpoints), Some(upstream)) = (broker("rabbitmq"), broker("rabbitmq-cluster")) else {
        return;
    };
    let vhost = Vhost::create(&endpoints, "federation").await;
    let (elsewhere, sibling) = (
        Vhost::create(&upstream, "federation").await,
        Vhost::create(&endpoints, "sibling").await,
    );
    vhost
        .put("exchanges", "events", &json!({"type": "topic", "durable": true}))
        .await;
    for (name, at, of) in [("abroad", &upstream, &elsewhere), ("sibling", &endpoints, &sibling)] {
        of.put("exchanges", "events", &json!({"type": "topic", "durable": true}))
            .await;
        let uri = format!("amqp://guest:guest@{}/{}", at.amqp[0], of.name);
        vhost.define("federation-upstream", name, json!({"uri": uri})).await;
    }
    let all = json!({"pattern": "^events$", "apply-to": "exchanges", "definition": {"federation-upstream-set": "all"}});
    vhost.put("policies", "federate", &all).await;
    let product = watch(&endpoints, &vhost, "guest").await;
    let (host, port) = upstream.amqp[0].split_once(':').expect("host and port");
    let expected = [
        format!(
            "exchange events of AMQP broker at {host}:{port}, virtual host {} -> events [\"federation from abroad\"]",
            elsewhere.name
        ),
        format!(
            "exchange events of virtual host {} of this broker -> events [\"federation from sibling\"]",
            sibling.name
        ),
    ];
    eventually("both upstreams are edges", 120, || async {
        let edges = edges(&product, LinkKind::Copies).await;
        expected.iter().all(|edge| edges.contains(edge)).then_some(())
    })
    .await;
    let abroad = check(&product, "federation_link", "exchange events from abroad").await;
    assert_eq!(abroad.expect("it is checked").status, Status::Ok);

    let uri = format!("amqp://shop:{SECRET}@{}/{}", upstream.amqp[0], elsewhere.name);
    vhost.define("federation-upstream", "abroad", json!({"uri": uri})).await;
    let refused = eventually("the login is refused", 200, || async {
        let check = check(&product, "federation_link", "exchange events from abroad").await?;
        (check.status == Status::Critical && check.text.contains("login was refused")).then_some(check)
    })
    .await;
    assert!(!refused.text.contains(SECRET));
    nothing_holds_the_secret(&product);
    for vhost in [&vhost, &elsewhere, &sibling] {
        vhost.delete().await;
    }
}

async fn a_policy_that_dead_letters_is_named_on_the_edge(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let vhost = Vhost::create(&endpoints, "policies").await;
    for queue in ["payments", "payments.dead"] {
        vhost.put("queues", queue, &json!({"durable": true})).await;
    }
    vhost
        .put("exchanges", "dlx", &json!({"type": "fanout", "durable": true}))
        .await;
    vhost.post("bindings", "e/dlx/q/payments.dead", &json!({})).await;
    let policy = |definition: Value| json!({"pattern": "^payments$", "apply-to": "queues", "definition": definition});
    let dead_letters = policy(json!({"dead-letter-exchange": "dlx", "max-length": 100}));
    vhost.put("policies", "dead-letters", &dead_letters).await;
    let limit = policy(json!({"max-length": 5}));
    vhost.put("operator-policies", "guard", &limit).await;
    // The broker lets no operator policy name a dead-letter exchange.
    let forbidden = policy(json!({"dead-letter-exchange": "dlx"}));
    let path = format!("operator-policies/{}/forbidden", vhost.name);
    let (status, said) = vhost.ask(Method::PUT, &path, &forbidden).await;
    assert!(
        status == 400 && said.contains("not recognised policy settings"),
        "{status} {said}"
    );

    let product = watch(&endpoints, &vhost, "guest").await;
    let traffic = Traffic::connect_to(&endpoints, &vhost.name).await;
    traffic.publish("payments", 8).await;
    let source = row(&product, "payments", |row| {
        row.depth.value == Some(5.0) && row.dead_letter.is_some()
    })
    .await;
    row(&product, "payments.dead", |row| row.depth.value == Some(3.0)).await;
    let edges = edges(&product, LinkKind::DeadLetter).await;
    let expected = "payments -> payments.dead [\"by dlx, policy dead-letters, max-length of operator policy guard\"]";
    assert!(edges.contains(&expected.to_string()), "{edges:?}");
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, source.entity.id.0)).await;
    let said = |name: &str| {
        let found = detail.attributes.iter().find(|attribute| attribute.name == name);
        let found = found.unwrap_or_else(|| panic!("{name} is not in {:?}", detail.attributes));
        (found.value.clone(), found.note.clone().unwrap_or_default())
    };
    let (length, note) = said("max-length");
    assert!(
        length == "5" && note.ends_with("from operator policy guard"),
        "{length} {note}"
    );
    assert!(said("dead-letter-exchange").1.ends_with("from policy dead-letters"));
    vhost.delete().await;
}

#[tokio::test]
async fn a_policy_that_dead_letters_is_named_on_the_edge_on_4_3() {
    a_policy_that_dead_letters_is_named_on_the_edge("rabbitmq").await;
}

#[tokio::test]
async fn a_policy_that_dead_letters_is_named_on_the_edge_on_3_10() {
    a_policy_that_dead_letters_is_named_on_the_edge("rabbitmq-3.10").await;
}

#[tokio::test]
async fn a_deprecated_feature_in_use_is_a_note_and_the_old_version_says_that_it_cannot_tell() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let vhost = Vhost::create(&endpoints, "features").await;
    // A queue that does not outlive its node and is nobody's own.
    vhost.put("queues", "passing", &json!({"durable": false})).await;
    let product = watch(&endpoints, &vhost, "guest").await;
    let of_cluster = |product: Product, id: &'static str| async move {
        let check = eventually(id, 60, || check(&product, id, "")).await;
        (product, check)
    };
    let (product, note) = of_cluster(product, "deprecated_features").await;
    assert!(note.text.contains("transient_nonexcl_queues"), "{}", note.text);
    assert_eq!(note.status, Status::Ok, "announced, and still permitted");
    let (_, flags) = of_cluster(product, "feature_flags").await;
    assert_eq!(
        flags.status,
        Status::Ok,
        "a new broker has enabled them all: {}",
        flags.text
    );
    vhost.delete().await;
    let Some(old) = broker("rabbitmq-3.10") else { return };
    let vhost = Vhost::create(&old, "features").await;
    let product = watch(&old, &vhost, "guest").await;
    let (product, silent) = of_cluster(product, "deprecated_features").await;
    assert_eq!(
        (silent.status, silent.absent),
        (Status::Unknown, Some(Absence::NotSupported))
    );
    let (_, flags) = of_cluster(product, "feature_flags").await;
    assert_eq!(flags.status, Status::Ok, "{}", flags.text);
    vhost.delete().await;
}

#[tokio::test]
async fn a_user_without_the_tag_is_told_what_it_may_not_see() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let vhost = Vhost::create(&endpoints, "untagged").await;
    let user = vhost.name.clone();
    let body = json!({"password": user, "tags": "management"});
    vhost.admin(Method::PUT, &format!("users/{user}"), &body).await;
    vhost.permit(&user, "^$").await;
    let product = watch(&endpoints, &vhost, &user).await;
    for id in ["shovels", "federation"] {
        let hidden = eventually("it is said", 60, || check(&product, id, "")).await;
        assert_eq!(hidden.absent, Some(Absence::NotPermitted), "{}", hidden.text);
        assert!(hidden.text.contains("monitoring"), "{}", hidden.text);
    }
    vhost
        .admin(Method::DELETE, &format!("users/{user}"), &Value::Null)
        .await;
    vhost.delete().await;
}
