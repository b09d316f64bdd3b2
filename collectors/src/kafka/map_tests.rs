//! Snapshots from answers that real brokers gave, whole and broken.

use brokerscope_contract::metrics::{
    ACKNOWLEDGED, CONSUMERS, DEPTH, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, KAFKA_LEADERS, KAFKA_OFFLINE,
    KAFKA_PARTITIONS, KAFKA_START_OFFSET, KAFKA_UNDER_REPLICATED, LAG, LAG_SECONDS, PUBLISHED, UP,
};
use brokerscope_contract::{Absence, Attribute, Entity, Evidence, LinkKind, Method, Status, Warning};
use serde_json::json;

use super::super::config;
use super::super::recorded::Recorded;
use super::super::wire::Trouble;
use super::*;

const FIRST: Timestamp = Timestamp(1_700_000_000_000);

fn everything() -> Config {
    settings(json!({"bootstrap_servers": ["a:1"]}))
}

fn settings(settings: serde_json::Value) -> Config {
    config::parse(&serde_json::from_value(settings).unwrap()).ok().unwrap()
}

fn first_visit(name: &str) -> Snapshot {
    Recorded::load(name).visit(&mut Memory::default(), &everything(), FIRST, true)
}

fn key(kind: EntityKind, path: &[&str]) -> EntityKey {
    EntityKey::new(kind, path.iter().copied())
}

fn group(name: &str) -> EntityKey {
    key(EntityKind::ConsumerGroup, &[name])
}

fn topic(name: &str) -> EntityKey {
    key(EntityKind::Topic, &[name])
}

fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut values = snapshot
        .samples
        .iter()
        .filter(|s| s.entity == *entity && s.metric == metric);
    let first = values.next().map(|sample| sample.value);
    assert!(values.next().is_none(), "{metric} of {entity:?} is there twice");
    first
}

fn entity<'a>(snapshot: &'a Snapshot, key: &EntityKey) -> &'a Entity {
    let found: Vec<_> = snapshot.entities.iter().filter(|entity| entity.key == *key).collect();
    assert_eq!(found.len(), 1, "{key:?}");
    found[0]
}

fn attribute<'a>(snapshot: &'a Snapshot, key: &EntityKey, name: &str) -> &'a Attribute {
    let attributes = &entity(snapshot, key).attributes;
    attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .unwrap_or_else(|| panic!("{key:?} has no {name}"))
}

fn warnings_about<'a>(snapshot: &'a Snapshot, key: &EntityKey) -> Vec<&'a Warning> {
    snapshot
        .warnings
        .iter()
        .filter(|warning| warning.entity.as_ref() == Some(key))
        .collect()
}

fn status(snapshot: &Snapshot, check: &str) -> Status {
    let cluster = EntityKey::cluster();
    snapshot
        .checks
        .iter()
        .find(|result| result.check.0 == check && result.entity == cluster)
        .unwrap()
        .status
}

#[test]
fn lag_is_end_minus_committed_on_each_version() {
    for (version, groups) in [
        ("4.1.0/shop", &["shop-classic", "shop-consumer"][..]),
        ("3.9.1/shop", &["shop-classic"]),
    ] {
        let snapshot = first_visit(version);
        for name in groups {
            // 20 messages on each of three partitions; 20, 13 and nothing committed.
            let part = |n: &str| key(EntityKind::GroupPartition, &[name, "shop.orders", n]);
            assert_eq!(value(&snapshot, &group(name), LAG), Some(7.0), "{version} {name}");
            assert_eq!(value(&snapshot, &group(name), ACKNOWLEDGED), Some(33.0));
            assert_eq!(value(&snapshot, &group(name), CONSUMERS), Some(1.0));
            assert_eq!(value(&snapshot, &part("0"), LAG), Some(0.0));
            assert_eq!(value(&snapshot, &part("1"), LAG), Some(7.0));
            assert_eq!(value(&snapshot, &part("1"), KAFKA_COMMITTED_OFFSET), Some(13.0));
            assert_eq!(value(&snapshot, &part("1"), KAFKA_END_OFFSET), Some(20.0));
            assert_eq!(value(&snapshot, &part("2"), LAG), None, "never committed: no number");
            assert_eq!(
                attribute(&snapshot, &group(name), "partitions without a commit").value,
                "1"
            );
            assert_eq!(attribute(&snapshot, &group(name), "state").value, "Stable");
            let orders = key(EntityKind::GroupTopic, &[name, "shop.orders"]);
            assert_eq!(value(&snapshot, &orders, LAG), Some(7.0));
            assert_eq!(
                value(&snapshot, &orders, KAFKA_COMMITTED_OFFSET),
                None,
                "one of three has no commit"
            );
        }
        let gone = group("shop-gone");
        assert_eq!(value(&snapshot, &gone, LAG), Some(3.0), "{version}");
        assert_eq!(value(&snapshot, &gone, CONSUMERS), Some(0.0));
        assert_eq!(attribute(&snapshot, &gone, "state").value, "Empty");
        let prices = key(EntityKind::GroupTopic, &["shop-gone", "shop.prices"]);
        assert_eq!(value(&snapshot, &prices, KAFKA_COMMITTED_OFFSET), Some(1.0));
        assert!(
            attribute(&snapshot, &prices, "cleanup.policy").note.is_some(),
            "compaction is flagged"
        );
    }
}

#[test]
fn both_group_protocols_are_named() {
    let snapshot = first_visit("4.1.0/shop");
    for (name, protocol, assignor) in [
        ("shop-classic", "classic", "range"),
        ("shop-consumer", "consumer", "uniform"),
    ] {
        assert_eq!(attribute(&snapshot, &group(name), "protocol").value, protocol);
        assert_eq!(attribute(&snapshot, &group(name), "assignor").value, assignor);
    }
}

#[test]
fn topics_have_their_settings_and_sums_and_no_depth() {
    let snapshot = first_visit("4.1.0/shop");
    let orders = topic("shop.orders");
    assert_eq!(value(&snapshot, &orders, KAFKA_PARTITIONS), Some(3.0));
    assert_eq!(value(&snapshot, &orders, KAFKA_END_OFFSET), Some(60.0));
    assert_eq!(value(&snapshot, &orders, PUBLISHED), Some(60.0));
    assert_eq!(
        value(&snapshot, &orders, DEPTH),
        None,
        "what is kept in a log does not wait"
    );
    let retention = attribute(&snapshot, &orders, "retention.ms");
    assert_eq!(
        retention
            .note
            .as_deref()
            .map(|note| note.replace('\u{a0}', " "))
            .as_deref(),
        Some("messages older than 1 d are removed")
    );
    assert_eq!(
        attribute(&snapshot, &topic("shop.prices"), "cleanup.policy").value,
        "compact"
    );
    let partition = key(EntityKind::Partition, &["shop.orders", "2"]);
    assert_eq!(entity(&snapshot, &partition).parent, Some(orders.clone()));
    assert_eq!(value(&snapshot, &partition, KAFKA_START_OFFSET), Some(0.0));
    assert!(!entity(&snapshot, &orders).internal);
    assert!(entity(&snapshot, &topic("__consumer_offsets")).internal);
}

#[test]
fn links_say_how_they_are_known() {
    let snapshot = first_visit("4.1.0/shop");
    let links = snapshot.links.as_ref().unwrap();
    let evidence = |kind, from: &EntityKey, to: &EntityKey| {
        let found: Vec<_> = links
            .iter()
            .filter(|l| l.kind == kind && l.from == *from && l.to == *to)
            .collect();
        assert_eq!(found.len(), 1, "{kind:?} {from:?} {to:?}");
        found[0].evidence
    };
    let service = key(EntityKind::Service, &["collector-test-app"]);
    let orders = topic("shop.orders");
    for (kind, from, to, expected) in [
        (
            LinkKind::DeadLetter,
            &orders,
            &topic("shop.orders.dlq"),
            Evidence::Inferred,
        ),
        (
            LinkKind::Subscribes,
            &orders,
            &group("shop-classic"),
            Evidence::Connected,
        ),
        (
            LinkKind::Subscribes,
            &topic("shop.prices"),
            &group("shop-gone"),
            Evidence::Counted,
        ),
        (
            LinkKind::Consumes,
            &group("shop-consumer"),
            &service,
            Evidence::Connected,
        ),
    ] {
        assert_eq!(evidence(kind, from, to), expected);
    }
    let known: HashSet<&EntityKey> = snapshot.entities.iter().map(|entity| &entity.key).collect();
    for link in links {
        assert!(
            known.contains(&link.from) && known.contains(&link.to),
            "{link:?} has both ends"
        );
    }
}

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
fn lag_in_time_needs_two_visits_and_names_its_method() {
    let recorded = Recorded::load("4.1.0/shop");
    let mut memory = Memory::default();
    let name = group("shop-classic");
    let first = recorded.visit(&mut memory, &everything(), FIRST, true);
    assert_eq!(value(&first, &name, LAG_SECONDS), None);
    let warning = warnings_about(&first, &name)[0];
    assert_eq!(
        (warning.reason, warning.metrics.as_slice()),
        (Absence::NoData, &[LAG_SECONDS][..])
    );

    // Ten more on partition 1, of which the group has taken the seven that waited and three.
    let mut recorded = recorded;
    set(&mut recorded, "shop.orders", 1, 30, &[("shop-classic", 23)]);
    let later = FIRST.plus_millis(10_000);
    let second = recorded.visit(&mut memory, &everything(), later, false);
    let sample = second
        .samples
        .iter()
        .find(|s| s.entity == name && s.metric == LAG_SECONDS)
        .unwrap();
    assert_eq!((sample.value, sample.method), (7.0, Some(Method::Interpolated)));
    assert_eq!(value(&second, &name, ACKNOWLEDGED), Some(43.0));
    assert_eq!(value(&second, &topic("shop.orders"), PUBLISHED), Some(70.0));
    assert!(warnings_about(&second, &name).is_empty());
    assert!(
        second.links.is_none() && second.complete.is_empty(),
        "the list of everything is not due"
    );
}

/// Moves the end of one partition, and commits of groups on it.
fn set(recorded: &mut Recorded, topic: &str, partition: i32, end: i64, commits: &[(&str, i64)]) {
    let ends = recorded
        .ends
        .iter_mut()
        .flat_map(|(_, answer)| answer.iter_mut().flatten());
    for part in ends.filter(|part| part.topic == topic && part.partition == partition) {
        part.offset = Ok(end);
    }
    for (name, answer) in &mut recorded.committed {
        let commit = commits.iter().find(|(group, _)| group == name);
        for part in answer.iter_mut().flatten() {
            if let Some((_, offset)) = commit
                && part.topic == topic
                && part.partition == partition
            {
                part.offset = Ok(*offset);
            }
        }
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
fn patterns_leave_out_what_is_not_wanted() {
    let recorded = Recorded::load("4.1.0/shop");
    let config = settings(json!({"bootstrap_servers": ["a:1"], "topics_include": ["shop.*"],
        "topics_exclude": ["*.dlq"], "groups_exclude": ["shop-gone"]}));
    let snapshot = recorded.visit(&mut Memory::default(), &config, FIRST, true);
    let names = |kind| -> Vec<&str> {
        let found = snapshot.entities.iter().filter(|entity| entity.key.kind == kind);
        found.map(|entity| entity.key.name()).collect()
    };
    assert_eq!(names(EntityKind::Topic), ["shop.prices", "shop.orders"]);
    assert_eq!(names(EntityKind::ConsumerGroup), ["shop-classic", "shop-consumer"]);
    assert!(snapshot.server.tier.unwrap().contains("2 of 4 topics"));
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

#[test]
fn hostile_names_go_through_unchanged() {
    let mut recorded = Recorded::load("4.1.0/shop");
    let name = "<b>\"ü/ .. ' \u{202e}".to_string() + &"x".repeat(200);
    for group in &mut recorded.groups.groups {
        if group.name == "shop-gone" {
            group.name.clone_from(&name);
        }
    }
    for (group, _) in &mut recorded.committed {
        if group == "shop-gone" {
            group.clone_from(&name);
        }
    }
    let snapshot = recorded.visit(&mut Memory::default(), &everything(), FIRST, true);
    assert_eq!(value(&snapshot, &group(&name), LAG), Some(3.0));
}
