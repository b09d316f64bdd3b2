//! MirrorMaker between two real Kafka clusters of different versions, each with a connection of its own.

use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, LinkKind};
use brokerscope_tests::brokers::broker;
use brokerscope_tests::graph::Graph;
use brokerscope_tests::{Product, connect, kafka, patience::eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn a_mirrored_topic_leads_from_the_topic_of_the_other_cluster_once_that_is_watched() {
    let (Some(new), Some(old), Some(workers)) = (broker("kafka"), broker("kafka-3.9"), broker("connect")) else {
        return;
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let unique = now.unwrap().as_nanos();
    let (topic, mirror) = (format!("mirror-test.{unique}"), format!("mirror-{unique}"));
    let alias = format!("old{unique}");
    let copy = format!("{alias}.{topic}");
    kafka::create_topic(&old, &topic, 1).await;
    kafka::produce(&old, &topic, 5).await;
    connect::create(&workers, &mirror, &connect::mirror(&alias, &old, &new, &topic)).await;

    let product = Product::start().await;
    let watch = async |name: &str, settings: Value| {
        let body = json!({"name": name, "system": "kafka", "settings": settings});
        product.post(path::CONNECTIONS, &body).await;
    };
    let settings =
        json!({"bootstrap_servers": new.bootstrap, "interval_seconds": 5, "connect_urls": workers.management});
    watch("new", settings).await;
    let copied = async |expected: &str| {
        eventually(expected, 240, || async {
            let graph = Graph::of(&product).await;
            graph
                .arrows(LinkKind::Copies)
                .contains(&expected.to_string())
                .then_some(graph)
        })
        .await
    };
    let far_end = format!("new topic {topic}");
    let alone = copied(&format!("{far_end} -> new {copy}")).await;
    assert!(alone.boxes(EntityKind::Endpoint).contains(&far_end));
    let writes = format!("new {mirror} -> new {copy}");
    assert!(
        alone.arrows(LinkKind::Publishes).contains(&writes),
        "the connector has its place too"
    );

    watch(
        "old",
        json!({"bootstrap_servers": old.bootstrap, "interval_seconds": 5}),
    )
    .await;
    let joined = copied(&format!("old {topic} -> new {copy}")).await;
    assert!(!joined.boxes(EntityKind::Endpoint).contains(&far_end));
    let id = joined.id(&format!("new {copy}")).expect("it is drawn");
    let crossing: Vec<_> = joined
        .0
        .edges
        .iter()
        .filter(|edge| edge.to == id && edge.crosses)
        .collect();
    assert!(crossing.len() == 1 && crossing[0].seen, "{crossing:?}");
    assert_eq!(crossing[0].labels, [format!("connector {mirror}")]);

    connect::delete(&workers, &mirror).await;
    kafka::delete_topic(&old, &topic).await;
    for topic in [copy, format!("mm2-offset-syncs.{alias}.internal")] {
        kafka::delete_topic(&new, &topic).await;
    }
}
