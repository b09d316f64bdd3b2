//! Where groups stand, on recorded answers.

use super::*;

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
