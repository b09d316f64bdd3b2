//! A leaf node whose stream sources one of its hub, with a connection to each.

use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, LinkKind};
use brokerscope_tests::brokers::broker;
use brokerscope_tests::graph::Graph;
use brokerscope_tests::{Product, nats_leaf::hub_and_leaf, patience::eventually};
use serde_json::json;

#[tokio::test]
async fn a_source_in_another_domain_is_the_stream_of_the_connection_that_watches_it() {
    let Some(shared) = broker("nats") else { return };
    let [hub, leaf] = hub_and_leaf(&shared);
    hub.create_stream("ORDERS", json!({"subjects": ["orders.>"]})).await;
    let source = json!({"name": "ORDERS", "external": {"api": "$JS.hub.API"}});
    leaf.create_stream("COPY", json!({"sources": [source]})).await;

    let product = Product::start().await;
    let watch = async |name: &str, address: &str| {
        let settings = json!({"monitoring_urls": [address], "interval_seconds": 5});
        let body = json!({"name": name, "system": "nats", "settings": settings});
        product.post(path::CONNECTIONS, &body).await;
    };
    // The way between the two servers is an edge of its own.
    let is_way = |arrow: &String| arrow.contains("leaf node");
    let copied = async |expected: &str| {
        eventually(expected, 90, || async {
            let graph = Graph::of(&product).await;
            let mut arrows = graph.arrows(LinkKind::Copies);
            arrows.retain(|arrow| !is_way(arrow));
            (arrows == [expected]).then_some(graph)
        })
        .await
    };
    watch("leaf", &leaf.monitoring).await;
    let origin = "leaf stream ORDERS behind $JS.hub.API";
    let alone = copied(&format!("{origin} -> leaf COPY")).await;
    assert!(alone.boxes(EntityKind::Endpoint).contains(&origin.to_string()));
    watch("hub", &hub.monitoring).await;
    let joined = copied("hub ORDERS -> leaf COPY").await;
    assert!(!joined.boxes(EntityKind::Endpoint).contains(&origin.to_string()));
    let crossing = joined.0.edges.iter().filter(|edge| edge.crosses);
    assert_eq!(crossing.count(), 1);

    // Leaf nodes are asked for once a minute.
    eventually("the way between the two servers", 120, || async {
        let arrows = Graph::of(&product).await.arrows(LinkKind::Copies);
        let ways = [
            "hub server hub -> hub leaf node leaf",
            "hub leaf node leaf -> hub server hub",
        ];
        ways.iter()
            .all(|way| arrows.iter().any(|arrow| arrow == way))
            .then_some(())
    })
    .await;
}
