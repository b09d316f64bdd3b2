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
    let copied = async |expected: &str| {
        eventually(expected, 90, || async {
            let graph = Graph::of(&product).await;
            (graph.arrows(LinkKind::Copies) == [expected]).then_some(graph)
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
}
