//! What is said about that of which a visit was told nothing, or of which the counters stand still.

use brokerscope_contract::{
    Absence, Attribute, CheckId, CheckResult, Entity, EntityKey, EntityKind, LinkKind, Snapshot, Status, System,
    Verdict, metrics,
};

use super::watch::Watch;
use super::world::{World, group, link, put, put_group, queue, topic};

fn put_topic(snapshot: &mut Snapshot) {
    put(snapshot, &topic(), &[(metrics::KAFKA_END_OFFSET, 50.0)]);
}

/// Two visits that were told of a group without members and of what it reads.
async fn world_with_a_stopped_reader() -> World {
    let mut world = World::new(System::Kafka).await;
    for _ in 0..2 {
        world
            .visit(|snapshot| {
                put_group(snapshot, 50.0, 10.0, 0.0);
                snapshot.links = Some(vec![link(&topic(), &group(), LinkKind::Subscribes)]);
            })
            .await;
    }
    world
}

#[tokio::test]
async fn a_topic_is_read_also_when_the_group_that_reads_it_was_not_answered() {
    let said = "Consumer group billing: 40 messages wait and nobody reads: the group has no members.";
    let check = |world: &World, when: &str| {
        let judgement = world.judgement(&topic());
        let found = (judgement.verdict, judgement.sentence.as_str());
        assert_eq!(found, (Verdict::NoConsumer, said), "{when}");
    };
    let mut world = world_with_a_stopped_reader().await;
    check(&world, "answered");
    for _ in 0..2 {
        world.visit(put_topic).await;
    }
    check(&world, "not answered");
    let mut world = world.restart(15_000).await;
    for _ in 0..2 {
        world.visit(put_topic).await;
    }
    check(&world, "not answered since the start");
}

#[tokio::test]
async fn a_topic_whose_only_group_is_overdue_is_not_known_to_be_unread() {
    let mut world = world_with_a_stopped_reader().await;
    for _ in 0..10 {
        world.visit(put_topic).await;
    }
    let judgement = world.judgement(&topic());
    assert_eq!(judgement.verdict, Verdict::Unknown, "{}", judgement.sentence);
    assert!(
        judgement.sentence.starts_with("Consumer group billing: "),
        "{}",
        judgement.sentence
    );
}

#[tokio::test]
async fn of_dead_letters_that_are_overdue_nothing_is_said_any_more() {
    let mut world = World::new(System::RabbitMq).await;
    let (orders, dead) = (queue("orders"), queue("orders.dlq"));
    for _ in 0..4 {
        world
            .visit(|snapshot| {
                put(snapshot, &orders, &[(metrics::DEPTH, 0.0)]);
                put(snapshot, &dead, &[(metrics::DEPTH, 9.0)]);
                snapshot.links = Some(vec![link(&orders, &dead, LinkKind::DeadLetter)]);
            })
            .await;
    }
    assert_eq!(world.verdict(&dead), Verdict::DeadLetters);
    for _ in 0..10 {
        world
            .visit(|snapshot| put(snapshot, &orders, &[(metrics::DEPTH, 0.0)]))
            .await;
    }
    let judgement = world.judgement(&dead);
    assert_eq!(
        (judgement.verdict, judgement.absent),
        (Verdict::Unknown, Some(Absence::Stale)),
        "{}",
        judgement.sentence
    );
}

#[tokio::test]
async fn what_is_delivered_and_refused_again_and_again_is_not_taken() {
    let mut world = World::new(System::RabbitMq).await;
    let refused = queue("refused");
    for i in 0..24 {
        let values = [
            (metrics::DEPTH, 5_000.0),
            (metrics::CONSUMERS, 1.0),
            (metrics::PUBLISHED, 5_000.0),
            (metrics::DELIVERED, 75_000.0 * f64::from(i)),
            (metrics::ACKNOWLEDGED, 0.0),
            (metrics::IN_FLIGHT, [0.0, 9.0, 0.0][i as usize % 3]),
        ];
        world.visit(|snapshot| put(snapshot, &refused, &values)).await;
    }
    let judgement = world.judgement(&refused);
    assert_eq!(judgement.verdict, Verdict::Stalled, "{}", judgement.sentence);
}

#[tokio::test]
async fn a_node_is_judged_by_its_own_checks() {
    let mut world = World::new(System::RabbitMq).await;
    let node = |name: &str| EntityKey::new(EntityKind::Node, [name]);
    let check = |node: EntityKey, name: &str, status| CheckResult {
        entity: node,
        check: CheckId(name.into()),
        status,
        text: "as told".into(),
        absent: None,
    };
    for _ in 0..3 {
        world
            .visit(|snapshot| {
                for name in ["a", "b", "c"] {
                    put(snapshot, &node(name), &[]);
                }
                snapshot.checks = vec![
                    check(node("a"), "memory", Status::Ok),
                    check(node("b"), "disk", Status::Ok),
                    check(node("b"), "memory", Status::Critical),
                ];
            })
            .await;
    }
    let verdicts = ["a", "b", "c"].map(|name| world.verdict(&node(name)));
    assert_eq!(verdicts, [Verdict::Ok, Verdict::Broken, Verdict::Ok]);
}

#[tokio::test]
async fn a_group_that_is_gone_is_no_longer_remembered_as_rebalancing() {
    let mut world = World::new(System::Kafka).await;
    let told = |snapshot: &mut Snapshot| {
        put_group(snapshot, 50.0, 10.0, 2.0);
        snapshot.entities.push(Entity {
            attributes: vec![Attribute::new("state", "PreparingRebalance")],
            ..Entity::new(group())
        });
    };
    world.visit(told).await;
    let (id, now) = (world.entity(&group()), world.now());
    let live = world.live.connection(world.id).unwrap();
    let mut watch = Watch::new(&live.read());
    let mut snapshot = Snapshot::empty(now);
    told(&mut snapshot);
    watch.observe(&mut snapshot, &live.read());
    watch.forget(&[world.entity(&topic())], &live.read());
    assert!(watch.groups.is_rebalancing("billing", now), "something else is gone");

    world
        .visit(|snapshot| snapshot.complete = vec![EntityKind::ConsumerGroup])
        .await;
    watch.forget(&[id], &live.read());
    assert!(!watch.groups.is_rebalancing("billing", now));
}
