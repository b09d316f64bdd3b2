//! Topics, what they are connected to, and which of them are wanted.

use super::*;

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
fn patterns_leave_out_what_is_not_wanted() {
    let recorded = Recorded::load("4.1.0/shop");
    let config = settings(json!({"bootstrap_servers": ["a:1"], "topics_include": ["shop.*"],
        "topics_exclude": ["*.dlq"], "groups_exclude": ["shop-gone"]}));
    let snapshot = recorded.visit(&mut Memory::default(), &config, FIRST, true);
    let names = |kind| -> Vec<&str> {
        let found = snapshot.entities.iter().filter(|entity| entity.key.kind == kind);
        found.map(|entity| entity.key.name()).collect()
    };
    assert_eq!(names(EntityKind::Topic), ["shop.orders", "shop.prices"]);
    assert_eq!(names(EntityKind::ConsumerGroup), ["shop-classic", "shop-consumer"]);
    assert!(snapshot.server.tier.unwrap().contains("2 of 4 topics"));
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
