//! What the collector says is what the test itself produced and committed.

use std::collections::BTreeMap;

use super::*;

async fn lag_is_exact(name: &str, protocol: &'static str) {
    let Some(bootstrap) = broker(name) else { return };
    let (topic, group) = (unique("orders"), unique("billing"));
    create_topic(&bootstrap, &topic, 3).await;
    // 50 messages on partition 0, 30 on 1 and none on 2.
    produce(
        &bootstrap,
        &topic,
        std::iter::repeat_n(0, 50).chain(std::iter::repeat_n(1, 30)),
    )
    .await;
    let member = {
        let (bootstrap, topic, group) = (bootstrap.clone(), topic.clone(), group.clone());
        tokio::task::spawn_blocking(move || {
            let consumer = consumer(&bootstrap, &group, protocol);
            read_and_commit(&consumer, &topic, 80, &[(0, 42), (1, 30)]);
            consumer
        })
        .await
        .unwrap()
    };

    let mut collector = collector(&bootstrap, &[]);
    let at = now();
    let snapshot = collector.collect(at).await.unwrap();

    let group_key = EntityKey::new(EntityKind::ConsumerGroup, [group.as_str()]);
    let partition = |n: &str| EntityKey::new(EntityKind::GroupPartition, [group.as_str(), topic.as_str(), n]);
    let topic_key = EntityKey::new(EntityKind::Topic, [topic.as_str()]);
    assert_eq!(value(&snapshot, &group_key, LAG), Some(8.0));
    assert_eq!(value(&snapshot, &group_key, CONSUMERS), Some(1.0));
    assert_eq!(value(&snapshot, &partition("0"), LAG), Some(8.0));
    assert_eq!(value(&snapshot, &partition("0"), KAFKA_COMMITTED_OFFSET), Some(42.0));
    assert_eq!(value(&snapshot, &partition("0"), KAFKA_END_OFFSET), Some(50.0));
    assert_eq!(value(&snapshot, &partition("1"), LAG), Some(0.0));
    assert_eq!(value(&snapshot, &partition("1"), LAG_SECONDS), Some(0.0));
    assert_eq!(
        value(&snapshot, &partition("2"), LAG),
        None,
        "nothing was committed, so there is no lag"
    );
    assert_eq!(
        value(&snapshot, &group_key, LAG_SECONDS),
        None,
        "one visit cannot tell since when"
    );
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|w| w.entity.as_ref() == Some(&group_key) && w.metrics.contains(&LAG_SECONDS))
    );
    assert_eq!(value(&snapshot, &topic_key, PUBLISHED), Some(80.0));
    assert_eq!(value(&snapshot, &topic_key, KAFKA_END_OFFSET), Some(80.0));

    assert_eq!(attribute(&snapshot, &group_key, "state").as_deref(), Some("Stable"));
    let expected = if protocol == "consumer" { "consumer" } else { "classic" };
    // Brokers before 3.8 do not tell the protocol; all that are tested here do.
    assert_eq!(attribute(&snapshot, &group_key, "protocol").as_deref(), Some(expected));
    let members: Vec<_> = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Member && entity.key.path[0] == group)
        .collect();
    assert_eq!(members.len(), 1);
    assert_eq!(
        attribute(&snapshot, &members[0].key, "assignment"),
        Some(format!("{topic} 0–2"))
    );
    assert_eq!(
        attribute(&snapshot, &topic_key, "cleanup.policy").as_deref(),
        Some("delete")
    );
    let links = snapshot.links.as_ref().expect("the first visit brings all links");
    let link = |kind, from: &EntityKey| {
        links
            .iter()
            .find(|l| l.kind == kind && l.from == *from)
            .map(|l| l.to.clone())
    };
    assert_eq!(link(LinkKind::Subscribes, &topic_key), Some(group_key.clone()));
    let service = EntityKey::new(EntityKind::Service, ["collector-test-app"]);
    assert_eq!(link(LinkKind::Consumes, &group_key), Some(service));
    for kind in [EntityKind::Topic, EntityKind::ConsumerGroup, EntityKind::Node] {
        assert!(snapshot.complete.contains(&kind), "{kind:?}: {:?}", snapshot.warnings);
    }

    // 12 more on partition 0: lag in messages follows, and lag in time is bounded by the two visits.
    produce(&bootstrap, &topic, std::iter::repeat_n(0, 12)).await;
    tokio::task::spawn_blocking({
        let topic = topic.clone();
        move || {
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(&topic, 0, Offset::Offset(52)).unwrap();
            member.commit(&list, CommitMode::Sync).unwrap();
            drop(member);
        }
    })
    .await
    .unwrap();
    let later = now();
    let snapshot = collector.collect(later).await.unwrap();
    assert_eq!(value(&snapshot, &partition("0"), LAG), Some(10.0));
    assert_eq!(value(&snapshot, &group_key, LAG), Some(10.0));
    assert_eq!(value(&snapshot, &topic_key, PUBLISHED), Some(92.0));
    let seconds = value(&snapshot, &group_key, LAG_SECONDS).expect("two visits enclose the message at 52");
    assert!(seconds >= 0.0 && seconds <= later.seconds_since(at), "{seconds}");

    // The member has left: the list of groups says so at once, without waiting for the inventory.
    assert_eq!(value(&snapshot, &group_key, CONSUMERS), Some(0.0));
    assert_eq!(attribute(&snapshot, &group_key, "state").as_deref(), Some("Empty"));

    delete_topics(&bootstrap, &[&topic]).await;
    let _ = admin(&bootstrap).delete_groups(&[&group], &AdminOptions::new()).await;
}

#[tokio::test]
async fn lag_of_a_classic_group_is_end_minus_committed() {
    lag_is_exact("kafka", "classic").await;
}

#[tokio::test]
async fn lag_of_a_group_of_the_new_protocol_is_end_minus_committed() {
    lag_is_exact("kafka", "consumer").await;
}

#[tokio::test]
async fn lag_of_a_classic_group_on_3_9_is_end_minus_committed() {
    lag_is_exact("kafka-3.9", "classic").await;
}

#[tokio::test]
async fn a_topic_made_again_starts_anew() {
    let Some(bootstrap) = broker("kafka") else { return };
    let topic = unique("again");
    let only = [("topics_include", json!([topic]))];
    let mut collector = collector(&bootstrap, &only);
    create_topic(&bootstrap, &topic, 1).await;
    produce(&bootstrap, &topic, [0; 20]).await;
    let key = EntityKey::new(EntityKind::Topic, [topic.as_str()]);
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(value(&snapshot, &key, KAFKA_END_OFFSET), Some(20.0));
    let topics: BTreeMap<_, _> = snapshot.entities.iter().map(|entity| (&entity.key, entity)).collect();
    assert_eq!(
        topics.keys().filter(|key| key.kind == EntityKind::Topic).count(),
        1,
        "others are not watched"
    );

    delete_topics(&bootstrap, &[&topic]).await;
    let mut gone = false;
    for _ in 0..50 {
        let snapshot = collector.collect(now()).await.unwrap();
        gone = value(&snapshot, &key, KAFKA_END_OFFSET).is_none();
        if gone {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(gone, "a deleted topic has no offsets");
    create_topic(&bootstrap, &topic, 1).await;
    produce(&bootstrap, &topic, [0; 3]).await;
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(value(&snapshot, &key, KAFKA_END_OFFSET), Some(3.0));
    delete_topics(&bootstrap, &[&topic]).await;
}
