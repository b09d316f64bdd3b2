//! What the recorded answers of real brokers come to.

use std::collections::HashMap;

use brokerscope_contract::{EntityKind, Evidence, LinkKind, Site, Status};

use super::*;
use crate::pulsar::inventory::{merge, topics as of_stats};
use crate::pulsar::names::namespace_key;
use crate::pulsar::recorded::{VERSIONS, read, topics as recorded};
use crate::pulsar::wire::Topic;

const AT: Timestamp = Timestamp(1_795_450_600_000);

fn mapped(seen: &HashMap<TopicName, Topic>, inventory: &Inventory) -> Mapped {
    let mut odometer = Odometer::default();
    for (name, topic) in seen {
        odometer.take(name, topic, AT);
    }
    let wholes = inventory.wholes(seen);
    all(View {
        at: AT,
        wholes: &wholes,
        inventory,
        odometer: &odometer,
        ages: &Ages::default(),
        functions: &Functions::default(),
        is_incomplete: false,
    })
}

fn inventory(version: &str) -> Inventory {
    let mut inventory = Inventory::default();
    inventory.list(["shop/orders".to_string(), "shop/silent".to_string()]);
    let orders = inventory.namespaces.get_mut("shop/orders").unwrap();
    orders.policies = Some(read(version, "policies.json"));
    let listed: Vec<String> = read(version, "topics.json");
    orders.topics = Some(listed.iter().filter_map(|text| TopicName::parse(text)).collect());
    inventory
}

fn topic(local: &str) -> TopicName {
    TopicName::parse(&format!("persistent://shop/orders/{local}")).unwrap()
}

fn subscription(local: &str, name: &str) -> EntityKey {
    topic(local).child(EntityKind::Subscription, name)
}

fn value(mapped: &Mapped, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut all = mapped
        .samples
        .iter()
        .filter(|sample| sample.entity == *entity && sample.metric == metric);
    let value = all.next().map(|sample| sample.value);
    assert!(all.next().is_none(), "{metric} of {entity:?} is told once");
    value
}

#[test]
fn all_four_types_of_subscription_have_their_backlog() {
    use brokerscope_contract::metrics::*;
    for version in VERSIONS {
        let mapped = mapped(&recorded(version), &inventory(version));
        for (name, lag, unacked, depth, consumers) in [
            ("ledger", 5.0, None, 5.0, 2.0),
            ("stats", 25.0, None, 25.0, 1.0),
            ("fraud", 38.0, Some(10.0), 28.0, 1.0),
            ("capture", 35.0, Some(20.0), 15.0, 1.0),
            ("nobody", 45.0, Some(0.0), 45.0, 0.0),
        ] {
            let key = subscription("payments", name);
            // Nobody used it yet, so that the broker does not say what type it is, nor what is unacknowledged.
            let unacked = if name == "nobody" { None } else { unacked };
            assert_eq!(value(&mapped, &key, LAG), Some(lag), "{version} {name}");
            assert_eq!(value(&mapped, &key, DEPTH), Some(depth), "{version} {name}");
            assert_eq!(value(&mapped, &key, IN_FLIGHT), unacked, "{version} {name}");
            assert_eq!(value(&mapped, &key, CONSUMERS), Some(consumers), "{version} {name}");
        }
        let key = subscription("payments", "capture");
        let exact = mapped
            .samples
            .iter()
            .find(|sample| sample.entity == key && sample.metric == DEPTH);
        assert_eq!(
            exact.map(|sample| sample.method),
            Some(None),
            "every entry is a message"
        );
        let nobody = subscription("payments", "nobody");
        let mut doubted = mapped
            .samples
            .iter()
            .filter(|sample| sample.entity == nobody && sample.metric == DEPTH);
        assert_eq!(
            doubted.next().map(|sample| sample.method),
            Some(Some(Method::Estimated)),
            "nobody read any"
        );
        assert_eq!(value(&mapped, &key, DELIVERED), Some(30.0));
        assert_eq!(
            value(&mapped, &topic("payments").key(), DEPTH),
            Some(45.0),
            "as on the slowest"
        );
        assert_eq!(
            value(&mapped, &topic("payments").key(), PULSAR_BACKLOG),
            Some(148.0),
            "as the broker sums"
        );
        assert_eq!(value(&mapped, &topic("payments").key(), PUBLISHED), Some(45.0));
    }
}

#[test]
fn partitions_add_up_and_one_client_counts_once() {
    use brokerscope_contract::metrics::*;
    for version in VERSIONS {
        let mapped = mapped(&recorded(version), &inventory(version));
        let key = topic("placed").key();
        assert_eq!(value(&mapped, &key, PULSAR_PARTITIONS), Some(3.0), "{version}");
        assert_eq!(value(&mapped, &key, PUBLISHED), Some(90.0));
        assert_eq!(value(&mapped, &key, STORED_BYTES), Some(4_570.0));
        assert_eq!(value(&mapped, &key, PULSAR_PRODUCERS), Some(1.0));
        assert_eq!(value(&mapped, &subscription("placed", "audit"), LAG), Some(90.0));
        assert_eq!(value(&mapped, &subscription("placed", "billing"), LAG), Some(60.0));
        assert_eq!(value(&mapped, &subscription("placed", "billing"), CONSUMERS), Some(1.0));
        let parts = mapped
            .entities
            .iter()
            .filter(|entity| entity.key.kind == EntityKind::Partition);
        assert_eq!(parts.count(), 3);
    }
}

#[test]
fn a_partition_that_nobody_serves_makes_sums_unknown_and_not_smaller() {
    use brokerscope_contract::metrics::*;
    let mut seen = recorded("4.2.4");
    seen.remove(&topic("placed-partition-2"));
    let mut inventory = inventory("4.2.4");
    inventory.subscriptions = [(topic("placed"), ["audit".to_string(), "old".to_string()].into())].into();
    let mapped = mapped(&seen, &inventory);
    let key = topic("placed").key();
    assert_eq!(value(&mapped, &key, PUBLISHED), None);
    assert_eq!(value(&mapped, &key, PULSAR_UNLOADED_TOPICS), Some(1.0));
    for name in ["audit", "billing", "old"] {
        let key = subscription("placed", name);
        assert!(
            mapped.entities.iter().any(|entity| entity.key == key),
            "{name} is still there"
        );
        assert_eq!(value(&mapped, &key, LAG), None, "{name}");
    }
    let part = topic("placed").partition_key(0);
    assert_eq!(value(&mapped, &part, PUBLISHED), Some(30.0), "what is known is told");
}

#[test]
fn non_persistent_topics_have_no_backlog_and_system_topics_are_hidden() {
    use brokerscope_contract::metrics::*;
    let mapped = mapped(&recorded("4.2.4"), &inventory("4.2.4"));
    let ticks = TopicName::parse("non-persistent://shop/orders/ticks").unwrap();
    assert_eq!(value(&mapped, &ticks.key(), PUBLISHED), Some(12.0));
    let screen = ticks.child(EntityKind::Subscription, "screen");
    assert_eq!(
        (value(&mapped, &screen, LAG), value(&mapped, &screen, CONSUMERS)),
        (None, Some(1.0))
    );
    for entity in &mapped.entities {
        let own = entity
            .key
            .path
            .iter()
            .any(|part| part == "pulsar" || part.starts_with("__"));
        assert_eq!(entity.internal, own, "{:?}", entity.key);
    }
}

#[test]
fn edges_say_how_they_are_known() {
    let mapped = mapped(&recorded("4.2.4"), &inventory("4.2.4"));
    let has = |from: &EntityKey, to: &EntityKey, kind, evidence| {
        let found = mapped
            .links
            .iter()
            .any(|link| (&link.from, &link.to, link.kind, link.evidence) == (from, to, kind, evidence));
        assert!(found, "{from:?} {kind:?} {to:?}");
    };
    let service = |name: &str| EntityKey::new(EntityKind::Service, [name]);
    let capture = subscription("payments", "capture");
    has(
        &topic("payments").key(),
        &capture,
        LinkKind::Subscribes,
        Evidence::Declared,
    );
    has(&capture, &service("capture"), LinkKind::Consumes, Evidence::Connected);
    has(
        &service("till"),
        &topic("payments").key(),
        LinkKind::Publishes,
        Evidence::Connected,
    );
    let letters = topic("payments-capture-DLQ").key();
    has(&capture, &letters, LinkKind::DeadLetter, Evidence::Inferred);
    has(
        &capture,
        &topic("payments-capture-RETRY").key(),
        LinkKind::Delivers,
        Evidence::Inferred,
    );
    let bank = subscription("refunds", "bank");
    has(
        &bank,
        &topic("refunds-bank-DLQ").key(),
        LinkKind::DeadLetter,
        Evidence::Inferred,
    );
}

#[test]
fn policies_are_attributes_and_the_quota_is_a_share() {
    use brokerscope_contract::metrics::*;
    let mapped = mapped(&recorded("4.2.4"), &inventory("4.2.4"));
    let key = namespace_key("shop/orders");
    let entity = mapped.entities.iter().find(|entity| entity.key == key).unwrap();
    let quota = entity
        .attributes
        .iter()
        .find(|a| a.name == "backlog_quota.destination_storage")
        .unwrap();
    assert!(quota.value.ends_with("then producer_request_hold"), "{}", quota.value);
    let ratio = value(&mapped, &key, PULSAR_BACKLOG_QUOTA_RATIO).unwrap();
    assert!((ratio - 2_125.0 / 104_857_600.0).abs() < 1e-9, "{ratio}");
    assert!(mapped.checks.iter().all(|check| check.status == Status::Ok));
}

#[test]
fn geo_replication_is_told_from_both_brokers_of_a_cluster() {
    use brokerscope_contract::metrics::*;
    let mut seen = of_stats(read("4.2.4-geo", "stats-1.json"), |_| true);
    merge(&mut seen, of_stats(read("4.2.4-geo", "stats-2.json"), |_| true));
    let mapped = mapped(&seen, &Inventory::default());
    let (key, billing) = (topic("placed").key(), subscription("placed", "billing"));
    assert_eq!(value(&mapped, &key, PULSAR_REPLICATION_BACKLOG), Some(200.0));
    assert_eq!(
        value(&mapped, &key, PULSAR_REPLICATION_DELAY),
        Some(900.0),
        "the slowest, not the sum"
    );
    assert_eq!(value(&mapped, &billing, LAG), Some(42.0));
    assert_eq!(
        value(&mapped, &billing, CONSUMERS),
        Some(1.0),
        "one client over two brokers"
    );
    assert_eq!(value(&mapped, &billing, PULSAR_BLOCKED), Some(1.0));
    let west = replication::endpoint("west", &topic("placed"));
    for (from, to) in [(&key, &west), (&west, &key)] {
        let found = mapped
            .links
            .iter()
            .any(|l| (&l.from, &l.to, l.kind) == (from, to, LinkKind::Copies));
        assert!(found, "{from:?} to {to:?}");
    }
    let there: Vec<_> = mapped.entities.iter().filter(|entity| entity.key == west).collect();
    let elsewhere = there[0].stands_for.as_ref().expect("that cluster may be watched");
    assert_eq!((there.len(), &elsewhere.at), (1, &Site::Cluster("west".into())));
    assert_eq!(
        elsewhere.keys.as_slice(),
        std::slice::from_ref(&key),
        "of the same name"
    );
    let failed: Vec<_> = mapped
        .checks
        .iter()
        .filter(|check| check.status == Status::Critical)
        .collect();
    let failed: Vec<_> = failed
        .iter()
        .map(|check| (check.check.0.as_str(), check.text.as_str()))
        .collect();
    let expected = [
        ("unacked", "billing of placed gets nothing until it acknowledges"),
        ("replication", "1 of 2 replicators have no connection, such as to west"),
    ];
    assert_eq!(failed, expected);
}

fn with(topic: &TopicName, figures: serde_json::Value) -> HashMap<TopicName, Topic> {
    HashMap::from([(topic.clone(), serde_json::from_value(figures).expect("figures"))])
}

#[test]
fn two_processes_of_one_name_on_one_host_are_two_consumers() {
    let client = serde_json::json!({"consumerName": "worker", "address": "/10.0.0.7:4711"});
    let other = serde_json::json!({"consumerName": "worker", "address": "/10.0.0.7:4712"});
    for (parts, expected) in [
        (vec![vec![&client, &other]], 2.0),
        // One client on both partitions, over two connections.
        (vec![vec![&client], vec![&other]], 1.0),
        (vec![vec![&client, &other], vec![&client, &other]], 2.0),
    ] {
        let mut seen = HashMap::new();
        for (n, consumers) in parts.iter().enumerate() {
            let figures = serde_json::json!({"subscriptions": {"s": {"type": "Shared", "consumers": consumers}}});
            seen.extend(with(&topic(&format!("jobs-partition-{n}")), figures));
        }
        let mapped = mapped(&seen, &Inventory::default());
        let key = subscription("jobs", "s");
        let counted = value(&mapped, &key, brokerscope_contract::metrics::CONSUMERS);
        assert_eq!(counted, Some(expected), "{parts:?}");
    }
}

#[test]
fn the_brokers_own_age_of_now_is_better_than_an_answer_of_earlier() {
    let name = topic("jobs");
    let asked = serde_json::json!({"subscriptions": {"s": {"msgBacklog": 4, "lastAckedTimestamp": 5,
        "earliestMsgPublishTimeInBacklog": AT.0 - 600_000}}});
    let mut ages = Ages::default();
    let asked: Topic = serde_json::from_value(asked).unwrap();
    ages.answered(&name, [&asked], |theirs| theirs, AT.plus_millis(-60_000));
    let told = |age: serde_json::Value| {
        let figures = serde_json::json!({"oldestBacklogMessageAgeSeconds": age,
            "oldestBacklogMessageSubscriptionName": "s",
            "subscriptions": {"s": {"msgBacklog": 4, "lastAckedTimestamp": 5}}});
        let seen = with(&name, figures);
        let (inventory, odometer, functions) = (Inventory::default(), Odometer::default(), Functions::default());
        let wholes = inventory.wholes(&seen);
        let mapped = all(View {
            at: AT,
            wholes: &wholes,
            inventory: &inventory,
            odometer: &odometer,
            ages: &ages,
            functions: &functions,
            is_incomplete: false,
        });
        value(
            &mapped,
            &subscription("jobs", "s"),
            brokerscope_contract::metrics::OLDEST_AGE,
        )
    };
    assert_eq!(told(serde_json::json!(20)), Some(20.0));
    assert_eq!(
        told(serde_json::json!(-1)),
        Some(600.0),
        "nothing was acknowledged, so it still waits"
    );
}

#[test]
fn entries_of_batches_are_as_many_messages_as_consumers_find_in_them() {
    let waits = |backlog: u32, average: u32, unacked: u32| {
        let consumer = serde_json::json!({"consumerName": "c", "avgMessagesPerEntry": average});
        let figures = serde_json::json!({"subscriptions": {"s": {"type": "Shared", "msgBacklog": backlog,
            "unackedMessages": unacked, "consumers": [consumer]}}});
        let mapped = mapped(&with(&topic("clicks"), figures), &Inventory::default());
        let key = subscription("clicks", "s");
        let depth = mapped
            .samples
            .iter()
            .find(|sample| sample.entity == key && sample.metric == brokerscope_contract::metrics::DEPTH);
        depth.map(|depth| (depth.value, depth.method))
    };
    let estimated = Some(Method::Estimated);
    for (backlog, average, unacked, expected) in [
        // Twenty of forty are delivered, in two of four entries.
        (4, 10, 20, (20.0, estimated)),
        (4, 10, 40, (0.0, estimated)),
        (4, 1, 1, (3.0, None)),
        (4, 1, 4, (0.0, None)),
        (0, 10, 0, (0.0, None)),
        // Nobody got any yet.
        (4, 0, 0, (4.0, estimated)),
    ] {
        assert_eq!(
            waits(backlog, average, unacked),
            Some(expected),
            "{backlog} entries of {average}"
        );
    }
}

#[test]
fn two_real_clusters_copy_to_each_other_until_one_is_gone() {
    let namespace = "live/n1796042289373-22";
    let name = TopicName::parse(&format!("persistent://{namespace}/orders")).unwrap();
    for (file, far, published, backlog, comes, status) in [
        ("west-copied", "east", 8.0, 0.0, true, Status::Ok),
        ("east", "west", 8.0, 0.0, true, Status::Ok),
        ("east-cut", "west", 13.0, 5.0, false, Status::Critical),
    ] {
        let seen = of_stats(read("4.2.4-replicated", &format!("{file}.json")), |_| true);
        let mut inventory = Inventory::default();
        inventory.list([namespace.to_string()]);
        inventory.namespaces.get_mut(namespace).unwrap().topics = Some([name.clone()].into());
        let mapped = mapped(&seen, &inventory);
        use brokerscope_contract::metrics::*;
        assert_eq!(value(&mapped, &name.key(), PUBLISHED), Some(published), "{file}");
        for key in [name.key(), namespace_key(namespace)] {
            assert_eq!(
                value(&mapped, &key, PULSAR_REPLICATION_BACKLOG),
                Some(backlog),
                "{file}"
            );
        }
        let there = replication::endpoint(far, &name);
        let links = |from: &EntityKey, to: &EntityKey| {
            let between = mapped.links.iter().filter(|link| (&link.from, &link.to) == (from, to));
            between.map(|link| link.evidence).collect::<Vec<_>>()
        };
        assert_eq!(links(&name.key(), &there), [Evidence::Declared], "{file}");
        let expected: &[Evidence] = if comes { &[Evidence::Connected] } else { &[] };
        assert_eq!(links(&there, &name.key()), expected, "{file}");
        let check = mapped.checks.iter().find(|check| check.check.0 == "replication");
        assert_eq!(check.map(|check| check.status), Some(status), "{file}");
    }
}
