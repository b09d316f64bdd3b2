//! A shovel between two real brokers that are both watched: of different versions, each with a connection of its own.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityDetail, FarEnd};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, LinkKind};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::graph::Graph;
use brokerscope_tests::rabbitmq::Traffic;
use brokerscope_tests::rabbitmq_vhost::Vhost;
use brokerscope_tests::{Product, patience::eventually};
use reqwest::Method;
use serde_json::{Value, json};

/// Watches one virtual host of a broker.
async fn connect(product: &Product, name: &str, endpoints: &Endpoints, vhost: &Vhost) -> i64 {
    let settings = json!({"management_urls": endpoints.management, "prometheus_urls": endpoints.prometheus,
        "user": "guest", "password": "guest", "interval_seconds": 5, "vhosts": [vhost.name]});
    let body = json!({"name": name, "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &body).await;
    let all: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    all.iter()
        .find(|connection| connection.name == name)
        .expect("it was added")
        .id
        .0
}

async fn copied(product: &Product, expected: &str) -> Graph {
    eventually(expected, 120, || async {
        let graph = Graph::of(product).await;
        (graph.arrows(LinkKind::Copies) == [expected]).then_some(graph)
    })
    .await
}

async fn page(product: &Product, graph: &Graph, name: &str) -> EntityDetail {
    let id = graph.id(name).unwrap_or_else(|| panic!("{name} is drawn"));
    product.get(&format!("{}/{}", path::ENTITIES, id.0)).await
}

#[tokio::test]
async fn a_shovel_between_two_watched_brokers_is_one_edge_from_queue_to_queue() {
    let (Some(new), Some(old)) = (broker("rabbitmq"), broker("rabbitmq-3.10")) else {
        return;
    };
    let (here, there) = (
        Vhost::create(&new, "join-here").await,
        Vhost::create(&old, "join-there").await,
    );
    here.put("queues", "orders", &json!({"durable": true})).await;
    there.put("queues", "copy", &json!({"durable": true})).await;
    // As seen from the broker on which the shovel runs: "localhost" is its own machine.
    let (_, port) = old.amqp[0].split_once(':').expect("host and port");
    let to = format!("amqp://guest:guest@localhost:{port}/{}", there.name);
    let definition = json!({"src-uri": format!("amqp:///{}", here.name), "src-queue": "orders",
        "dest-uri": to, "dest-queue": "copy"});
    here.define("shovel", "mover", definition).await;
    let mut product = Product::start().await;
    connect(&product, "new", &new, &here).await;
    let alone = copied(&product, "new orders -> new queue copy").await;
    assert_eq!(alone.boxes(EntityKind::Endpoint), ["new queue copy"]);
    let end = page(&product, &alone, "new queue copy").await;
    assert_eq!(end.far_end, Some(FarEnd::NotWatched));

    let second = connect(&product, "old", &old, &there).await;
    let joined = copied(&product, "new orders -> old copy").await;
    assert_eq!(joined.boxes(EntityKind::Endpoint), [] as [&str; 0]);
    let edge = joined.0.edges.iter().find(|edge| edge.kind == LinkKind::Copies);
    let edge = edge.expect("it was found");
    assert!(edge.crosses && edge.seen, "{edge:?}");
    assert_eq!(edge.labels, ["shovel mover"]);
    let traffic = Traffic::connect_to(&new, &here.name).await;
    traffic.publish("orders", 7).await;
    let copy = eventually("what was copied waits on the other side", 60, || async {
        let copy = page(&product, &joined, "old copy").await;
        (copy.row.depth.value == Some(7.0)).then_some(copy)
    })
    .await;
    let into: Vec<&str> = copy
        .edges
        .iter()
        .filter(|edge| edge.to == copy.row.entity.id && edge.crosses)
        .filter_map(|edge| copy.nodes.iter().find(|node| node.entity.id == edge.from))
        .map(|node| node.entity.name.as_str())
        .collect();
    assert_eq!(into, ["orders"], "its page says where it is fed from");
    assert_eq!(copy.connections.len(), 2);
    // The box's own page says what it is.
    let end: EntityDetail = product
        .get(&format!("{}/{}", path::ENTITIES, end.row.entity.id.0))
        .await;
    assert!(
        matches!(&end.far_end, Some(FarEnd::Watched(real)) if real.id == copy.row.entity.id),
        "{:?}",
        end.far_end
    );

    // With both paused nothing is asked after the restart: what is joined then was stored.
    for name in ["new", "old"] {
        let all: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let id = all
            .iter()
            .find(|connection| connection.name == name)
            .expect("it is there")
            .id
            .0;
        let (status, said) = product
            .send(
                Method::PATCH,
                &format!("{}/{id}", path::CONNECTIONS),
                &json!({"paused": true}),
            )
            .await;
        assert!((200..300).contains(&status), "{status} {said}");
    }
    product.kill_and_restart();
    let again = Graph::of(&product).await;
    assert_eq!(again.arrows(LinkKind::Copies), ["new orders -> old copy"]);

    let (status, _) = product
        .send(Method::DELETE, &format!("{}/{second}", path::CONNECTIONS), &Value::Null)
        .await;
    assert!((200..300).contains(&status), "{status}");
    let alone = copied(&product, "new orders -> new queue copy").await;
    assert_eq!(alone.boxes(EntityKind::Endpoint), ["new queue copy"]);
    here.delete().await;
    there.delete().await;
}

#[tokio::test]
async fn two_connections_to_one_broker_join_what_lies_in_each_others_virtual_host() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (left, right) = (
        Vhost::create(&endpoints, "join-left").await,
        Vhost::create(&endpoints, "join-right").await,
    );
    left.put("queues", "orders", &json!({"durable": true})).await;
    right.put("queues", "copy", &json!({"durable": true})).await;
    let at = |vhost: &Vhost| format!("amqp:///{}", vhost.name);
    let definition = json!({"src-uri": at(&left), "src-queue": "orders", "dest-uri": at(&right), "dest-queue": "copy"});
    left.define("shovel", "mover", definition).await;
    let product = Product::start().await;
    connect(&product, "left", &endpoints, &left).await;
    connect(&product, "right", &endpoints, &right).await;
    let joined = copied(&product, "left orders -> right copy").await;
    assert_eq!(joined.boxes(EntityKind::Endpoint), [] as [&str; 0]);
    left.delete().await;
    right.delete().await;
}
