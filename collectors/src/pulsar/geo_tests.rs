//! Two clusters of the test's own, of one broker each, one of which copies to the other until that is gone.

use std::time::Duration;

use brokerscope_contract::{EntityKind, LinkKind, Snapshot, Status, metrics};
use reqwest::Method as Verb;
use serde_json::{Value, json};

use super::live_tests::{Broker, endpoints, settled, value};
use super::map::replication::endpoint;
use super::names::TopicName;
use super::own_broker::{Manner, OwnBroker};

async fn cluster(name: &str, shared: &Value) -> OwnBroker {
    let manner = Manner {
        settings: vec![("clusterName", name.into())],
        ..Manner::default()
    };
    OwnBroker::start_with("pulsar", shared, manner).await
}

/// Tells one cluster where the other one is.
async fn introduce(to: &OwnBroker, name: &str, other: &OwnBroker) {
    let body = json!({"serviceUrl": format!("http://{}", other.web),
        "brokerServiceUrl": format!("pulsar://{}", other.clients)});
    let url = format!("http://{}/admin/v2/clusters/{name}", to.web);
    let asked = reqwest::Client::new()
        .put(url)
        .header("content-type", "application/json");
    let answer = asked.body(body.to_string()).send().await.expect("it answers");
    assert!(
        answer.status().is_success(),
        "{name}: {}",
        answer.text().await.unwrap_or_default()
    );
}

fn replication(snapshot: &Snapshot) -> Option<(Status, &str)> {
    let mut checks = snapshot.checks.iter();
    let check = checks.find(|check| check.check.0 == "replication")?;
    Some((check.status, &check.text))
}

#[tokio::test]
async fn pulsar_live_what_is_copied_to_another_cluster_is_counted_until_that_is_gone() {
    let Some(shared) = endpoints("pulsar") else { return };
    let (east, mut west) = (cluster("east", &shared).await, cluster("west", &shared).await);
    introduce(&east, "west", &west).await;
    introduce(&west, "east", &east).await;
    let here = Broker::at(&east.web).await;
    let mut there = Broker::at(&west.web).await;
    there.namespace.clone_from(&here.namespace);
    there.make_namespace().await;
    let clusters = format!("namespaces/{}/replication", here.namespace);
    for broker in [&there, &here] {
        broker.admin(Verb::POST, &clusters, json!(["east", "west"])).await;
    }
    here.create("orders", 0).await;
    drop(here.produce("persistent", "orders", "shop", 8).await);
    let (topic, namespace) = (
        here.key(EntityKind::Topic, &["orders"]),
        here.key(EntityKind::Namespace, &[]),
    );
    let (mut near, mut far) = (here.collector(), there.collector());
    let copied = settled(far.as_mut(), "eight came over", |snapshot| {
        value(snapshot, &topic, metrics::PUBLISHED) == Some(8.0)
    })
    .await;
    let name = TopicName::parse(&format!("persistent://{}/orders", here.namespace)).expect("a name");
    let came = copied
        .links
        .iter()
        .flatten()
        .any(|link| (&link.from, &link.to, link.kind) == (&endpoint("east", &name), &topic, LinkKind::Copies));
    assert!(came, "{:?}", copied.links);
    let whole = settled(near.as_mut(), "nothing is left to copy", |snapshot| {
        value(snapshot, &topic, metrics::PULSAR_REPLICATION_BACKLOG) == Some(0.0)
            && replication(snapshot).is_some_and(|(status, _)| status == Status::Ok)
    })
    .await;
    assert_eq!(whole.server.cluster_name.as_deref(), Some("east"));
    let goes = whole
        .links
        .iter()
        .flatten()
        .any(|link| (&link.from, &link.to, link.kind) == (&topic, &endpoint("west", &name), LinkKind::Copies));
    assert!(goes, "{:?}", whole.links);

    west.kill();
    drop(here.produce("persistent", "orders", "shop", 5).await);
    let mut truth = Value::Null;
    for _ in 0..30 {
        truth = here.stats("orders").await["replication"]["west"].clone();
        if truth["replicationBacklog"] == 5 && truth["connected"] == false {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let cut = settled(near.as_mut(), "five wait for the other cluster", |snapshot| {
        value(snapshot, &topic, metrics::PULSAR_REPLICATION_BACKLOG) == Some(5.0)
    })
    .await;
    assert_eq!(truth["replicationBacklog"], 5, "{truth}");
    assert_eq!(value(&cut, &namespace, metrics::PULSAR_REPLICATION_BACKLOG), Some(5.0));
    let (status, text) = replication(&cut).expect("a check");
    assert_eq!(status, Status::Critical, "{text}");
    assert!(text.contains("west"), "{text}");
}
