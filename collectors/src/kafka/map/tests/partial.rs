//! What is missing or bad costs nothing else.

use super::*;

#[test]
fn a_sound_cluster_lists_everything_and_passes_its_checks() {
    for version in ["4.1.0/shop", "3.9.1/shop"] {
        let snapshot = first_visit(version);
        let complete: HashSet<EntityKind> = snapshot.complete.iter().copied().collect();
        use EntityKind::*;
        let all = [
            Node,
            Topic,
            Partition,
            ConsumerGroup,
            GroupTopic,
            GroupPartition,
            Member,
            EntityKind::Service,
        ];
        assert_eq!(
            complete,
            all.into_iter().collect(),
            "{version}: {:?}",
            snapshot.warnings
        );
        assert!(
            snapshot.checks.iter().all(|check| check.status == Status::Ok),
            "{version}: {:?}",
            snapshot.checks
        );
        assert_eq!(snapshot.server.nodes, Some(1));
        assert_eq!(value(&snapshot, &key(Node, &["1"]), KAFKA_LEADERS), Some(16.0));
    }
}

#[test]
fn a_silent_broker_costs_its_own_partitions_and_nothing_else() {
    // Broker 3 had just been killed and was still listed: librdkafka gave offset -1001 without an error.
    let snapshot = first_visit("4.1.0/silent-broker");
    let node = key(EntityKind::Node, &["3"]);
    assert_eq!(value(&snapshot, &node, UP), Some(0.0));
    assert_eq!(value(&snapshot, &key(EntityKind::Node, &["1"]), UP), Some(1.0));
    let warning = warnings_about(&snapshot, &node)[0];
    assert_eq!(warning.reason, Absence::Failed);
    assert!(warning.text.contains("127.0.0.1:21203"), "{}", warning.text);
    let check = snapshot.checks.iter().find(|check| check.entity == node).unwrap();
    assert_eq!(check.status, Status::Critical);

    let end = |topic: &str, n: &str| value(&snapshot, &key(EntityKind::Partition, &[topic, n]), KAFKA_END_OFFSET);
    assert_eq!(end("shop.orders", "0"), Some(20.0), "led by another broker");
    assert_eq!(end("shop.orders", "1"), None, "led by the silent one");
    assert_eq!(
        value(&snapshot, &topic("shop.orders"), KAFKA_END_OFFSET),
        None,
        "no sum of some"
    );
    assert_eq!(value(&snapshot, &topic("shop.orders"), KAFKA_PARTITIONS), Some(3.0));
    // The reader of shop.prices has a lag of 3 on partition 0, which the silent broker leads.
    let gone = group("shop-gone");
    assert_eq!(value(&snapshot, &gone, LAG), None);
    assert_eq!(warnings_about(&snapshot, &gone)[0].metrics, [LAG, LAG_SECONDS]);
    let partition = |n: &str| key(EntityKind::GroupPartition, &["shop-gone", "shop.prices", n]);
    assert_eq!(value(&snapshot, &partition("0"), LAG), None);
    assert_eq!(value(&snapshot, &partition("1"), LAG), Some(1.0));
    assert_eq!(
        value(&snapshot, &partition("0"), KAFKA_COMMITTED_OFFSET),
        Some(1.0),
        "the commit is known"
    );

    // It did not list its groups either, so nobody may conclude that they are gone.
    assert!(!snapshot.complete.contains(&EntityKind::ConsumerGroup));
    assert!(
        snapshot.complete.contains(&EntityKind::Topic),
        "the list of topics is whole"
    );
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|w| w.text.starts_with("Broker 3 did not list")),
        "{:?}",
        snapshot.warnings
    );
}

#[test]
fn a_lost_broker_leaves_its_marks_on_partitions_and_checks() {
    // The same cluster after broker 3 was taken off the list: leaders have moved, one partition has no replica left.
    let snapshot = first_visit("4.1.0/lost-broker");
    let node = key(EntityKind::Node, &["3"]);
    assert_eq!(
        value(&snapshot, &node, UP),
        Some(0.0),
        "it holds replicas, so it is not forgotten"
    );
    assert_eq!(attribute(&snapshot, &node, "registered").value, "no");
    assert_eq!(snapshot.server.nodes, Some(2));
    assert_eq!(
        value(&snapshot, &topic("shop.orders"), KAFKA_UNDER_REPLICATED),
        Some(3.0)
    );
    assert_eq!(value(&snapshot, &topic("shop.orders.dlq"), KAFKA_OFFLINE), Some(1.0));
    assert_eq!(
        value(&snapshot, &group("shop-classic"), LAG),
        Some(7.0),
        "lag is known again"
    );
    for (check, expected) in [
        ("offline_partitions", Status::Critical),
        ("under_replicated_partitions", Status::Warning),
        ("partitions_below_min_isr", Status::Critical),
        ("preferred_leaders", Status::Warning),
        ("controller", Status::Ok),
    ] {
        assert_eq!(status(&snapshot, check), expected, "{check}");
    }
}

#[test]
fn what_is_not_permitted_says_so() {
    let mut recorded = Recorded::load("4.1.0/shop");
    let refused = |code| Trouble::new(code, "not authorized");
    for (name, answer) in &mut recorded.committed {
        if name == "shop-classic" {
            *answer = Err(refused(30));
        }
    }
    for (_, answer) in &mut recorded.configs {
        *answer = Err(refused(29));
    }
    recorded.cluster = Err(refused(31));
    let snapshot = recorded.visit(&mut Memory::default(), &everything(), FIRST, true);
    let name = group("shop-classic");
    assert_eq!(value(&snapshot, &name, LAG), None);
    assert_eq!(warnings_about(&snapshot, &name)[0].reason, Absence::NotPermitted);
    assert!(warnings_about(&snapshot, &name)[0].remedy.is_some());
    assert_eq!(
        value(&snapshot, &group("shop-consumer"), LAG),
        Some(7.0),
        "others are not affected"
    );
    assert!(!snapshot.complete.contains(&EntityKind::GroupPartition));
    assert_eq!(status(&snapshot, "partitions_below_min_isr"), Status::Unknown);
    assert_eq!(status(&snapshot, "controller"), Status::Unknown);
    let refusals = snapshot
        .warnings
        .iter()
        .filter(|warning| warning.reason == Absence::NotPermitted)
        .count();
    assert_eq!(refusals, 3, "{:?}", snapshot.warnings);
}

#[test]
fn a_visit_between_inventories_repeats_no_entity() {
    let recorded = Recorded::load("4.1.0/shop");
    let mut memory = Memory::default();
    recorded.visit(&mut memory, &everything(), FIRST, true);
    let mut between = recorded.clone();
    between.described.clear();
    let snapshot = between.visit(&mut memory, &everything(), FIRST.plus_millis(15_000), false);
    assert!(snapshot.entities.is_empty(), "{:?}", snapshot.entities);
    assert_eq!(value(&snapshot, &group("shop-classic"), LAG), Some(7.0));
    // A new topic is told at once, with the whole list of topics.
    between.metadata.topics.retain(|topic| topic.name != "shop.prices");
    let snapshot = between.visit(&mut memory, &everything(), FIRST.plus_millis(30_000), false);
    assert!(
        snapshot
            .entities
            .iter()
            .any(|entity| entity.key == topic("shop.orders"))
    );
    assert_eq!(snapshot.complete, [EntityKind::Topic, EntityKind::Partition]);
}
