//! Connectors among the topics and groups of a real cluster.

use super::super::super::connect;
use super::*;

/// A sink and nothing else, with these settings beside its class.
fn sink(name: &str, config: serde_json::Value) -> connect::Memory {
    let mut config = config;
    config["connector.class"] = json!("com.example.ArchiveSink");
    let connectors = json!({name: {
        "status": {"name": name, "connector": {"state": "RUNNING", "worker_id": "w:1"}, "tasks": [], "type": "sink"},
        "info": {"name": name, "config": config, "tasks": [], "type": "sink"},
    }});
    let mut memory = connect::Memory::default();
    memory.connectors = Some(serde_json::from_value(connectors).unwrap());
    memory
}

fn visit(connect: connect::Memory) -> Snapshot {
    let mut memory = Memory::default();
    memory.connect = connect;
    Recorded::load("4.1.0/shop").visit(&mut memory, &everything(), FIRST, true)
}

#[test]
fn a_dead_letter_topic_that_a_connector_declares_is_no_guess() {
    let into_dead = |snapshot: &Snapshot| -> Vec<(EntityKey, Evidence)> {
        let links = snapshot.links.as_ref().unwrap().iter();
        let dead = links.filter(|link| link.kind == LinkKind::DeadLetter && link.to == topic("shop.orders.dlq"));
        dead.map(|link| (link.from.clone(), link.evidence)).collect()
    };
    let guessed = visit(connect::Memory::default());
    assert_eq!(into_dead(&guessed), [(topic("shop.orders"), Evidence::Inferred)]);
    let config = json!({"topics": "shop.orders", "errors.deadletterqueue.topic.name": "shop.orders.dlq"});
    let declared = visit(sink("archive", config));
    let connector = key(EntityKind::Connector, &["archive"]);
    assert_eq!(into_dead(&declared), [(connector, Evidence::Declared)]);
}

#[test]
fn the_consumers_of_a_sink_are_the_connectors_and_no_service() {
    let consumers = |snapshot: &Snapshot| -> Vec<EntityKey> {
        let links = snapshot.links.as_ref().unwrap().iter();
        let of = links.filter(|link| link.kind == LinkKind::Consumes && link.from == group("shop-classic"));
        of.map(|link| link.to.clone()).collect()
    };
    let service = key(EntityKind::Service, &["collector-test-app"]);
    assert_eq!(consumers(&visit(connect::Memory::default())), [service]);
    // The group's name is the connector's own choice.
    let config = json!({"topics": "shop.orders, no.such.topic", "consumer.override.group.id": "shop-classic"});
    let snapshot = visit(sink("archive", config));
    let connector = key(EntityKind::Connector, &["archive"]);
    assert_eq!(consumers(&snapshot), [connector]);
    let links = snapshot.links.as_ref().unwrap();
    assert!(
        links.iter().all(|link| link.from != topic("no.such.topic")),
        "only what is there is joined"
    );
}
