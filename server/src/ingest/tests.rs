//! The way of a visit, from the collector's snapshot to what is stored, shown and judged.

use brokerscope_contract::api::events::Event;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    Absence, Comparison, Evidence, History, Link, LinkKind, Method, Role, Rule, RuleId, Sample, Scope, Severity,
    System, Timestamp, Verdict, metrics,
};

use super::world::{INTERVAL, START, World, exchange, group, put, put_group, queue, topic};

const DEPTH: brokerscope_contract::MetricId = metrics::DEPTH;

#[tokio::test]
async fn messages_without_a_reader_are_called_no_consumer_on_the_second_visit() {
    let mut world = World::new(System::RabbitMq).await;
    let orders = queue("orders");
    world
        .visit(|snapshot| put(snapshot, &orders, &[(DEPTH, 12.0), (metrics::CONSUMERS, 0.0)]))
        .await;
    assert_eq!(world.verdict(&orders), Verdict::Unknown, "once is not enough");
    world
        .visit(|snapshot| put(snapshot, &orders, &[(DEPTH, 12.0), (metrics::CONSUMERS, 0.0)]))
        .await;
    assert_eq!(world.verdict(&orders), Verdict::NoConsumer);
    let stored = world.store.judgements(world.id).await.unwrap();
    let id = world.entity(&orders);
    assert!(
        stored
            .iter()
            .any(|(entity, judgement)| *entity == id && judgement.verdict == Verdict::NoConsumer)
    );
    assert!(matches!(world.news.try_recv(), Ok(Event::Revision { revision: 1, .. })));
    for _ in 0..2 {
        world
            .visit(|snapshot| put(snapshot, &orders, &[(DEPTH, 0.0), (metrics::CONSUMERS, 0.0)]))
            .await;
    }
    assert_eq!(world.verdict(&orders), Verdict::Ok);
}

#[tokio::test]
async fn a_full_prefetch_that_nothing_comes_back_from_is_called_within_a_minute() {
    let mut world = World::new(System::RabbitMq).await;
    let stuck = queue("stuck");
    let values = [
        (DEPTH, 35.0),
        (metrics::IN_FLIGHT, 5.0),
        (metrics::IN_FLIGHT_LIMIT, 5.0),
        (metrics::CONSUMERS, 1.0),
        (metrics::PUBLISHED, 40.0),
        (metrics::DELIVERED, 5.0),
    ];
    for _ in 0..5 {
        world.visit(|snapshot| put(snapshot, &stuck, &values)).await;
    }
    assert_eq!(world.verdict(&stuck), Verdict::NotConsuming);
}

#[tokio::test]
async fn a_restart_goes_on_with_the_verdict_and_its_beginning() {
    let mut world = World::new(System::Kafka).await;
    for i in 0..24 {
        world
            .visit(|snapshot| put_group(snapshot, 100.0 + f64::from(i) * 10.0, 90.0, 0.0))
            .await;
    }
    let before = world.judgement(&group());
    assert_eq!(before.verdict, Verdict::Stopped, "{}", before.sentence);
    let mut world = world.restart(60_000).await;
    for i in 24..30 {
        world
            .visit(|snapshot| put_group(snapshot, 100.0 + f64::from(i) * 10.0, 90.0, 0.0))
            .await;
        let now = world.judgement(&group());
        assert_eq!(
            (now.verdict, now.since),
            (before.verdict, before.since),
            "visit {i}: {}",
            now.sentence
        );
    }
    for i in 30..60 {
        world
            .visit(|snapshot| put_group(snapshot, 100.0 + f64::from(i) * 10.0, 90.0, 0.0))
            .await;
    }
    let now = world.judgement(&group());
    assert_eq!(
        (now.verdict, now.since),
        (before.verdict, before.since),
        "{}",
        now.sentence
    );
}

#[tokio::test]
async fn a_topic_tells_what_is_wrong_with_the_group_that_reads_it() {
    let mut world = World::new(System::Kafka).await;
    for _ in 0..2 {
        world.visit(|snapshot| put_group(snapshot, 50.0, 10.0, 0.0)).await;
    }
    assert_eq!(world.verdict(&group()), Verdict::NoConsumer);
    let topic = world.judgement(&topic());
    assert_eq!(topic.verdict, Verdict::NoConsumer);
    assert_eq!(
        topic.sentence,
        "Consumer group billing: 40 messages wait and nobody reads: the group has no members."
    );
    let wanting = world.live.attention(world.now(), 10, &Default::default());
    let (attention, total) = (wanting.shown, wanting.total);
    assert_eq!(
        (attention.len(), total),
        (1, 1),
        "the cause is listed, the symptom is not"
    );
}

#[tokio::test]
async fn dead_letters_are_known_by_the_link_to_where_they_lie() {
    let mut world = World::new(System::RabbitMq).await;
    let (orders, dead, dlx) = (queue("orders"), queue("orders.dlq"), exchange("dlx"));
    for i in 0..3 {
        world
            .visit(|snapshot| {
                put(snapshot, &orders, &[(DEPTH, 0.0), (metrics::CONSUMERS, 2.0)]);
                put(
                    snapshot,
                    &dead,
                    &[(DEPTH, 9.0 + 15.0 * f64::from(i)), (metrics::CONSUMERS, 0.0)],
                );
                put(snapshot, &dlx, &[]);
                let link = |from: &_, to: &_, kind| Link {
                    from: Clone::clone(from),
                    to: Clone::clone(to),
                    kind,
                    label: None,
                    evidence: Evidence::Declared,
                };
                snapshot.links = Some(vec![
                    link(&orders, &dlx, LinkKind::DeadLetter),
                    link(&dlx, &dead, LinkKind::Binding),
                ]);
            })
            .await;
    }
    let judgement = world.judgement(&dead);
    assert_eq!(judgement.verdict, Verdict::DeadLetters);
    assert_eq!(
        judgement.sentence,
        "39 messages given up by others lie here and 1/s more arrive, from orders."
    );
    let rows = world.rows(Role::Destination);
    let source = rows.iter().find(|row| row.entity.name == "orders").unwrap();
    assert_eq!(
        source.dead_letter.as_ref().map(|target| target.name.as_str()),
        Some("orders.dlq")
    );
}

#[tokio::test]
async fn figures_that_the_broker_does_not_give_are_stored_beside_its_own_and_say_so() {
    let mut world = World::new(System::RabbitMq).await;
    let orders = queue("orders");
    for i in 0..22 {
        let i = f64::from(i);
        let values = [
            (DEPTH, 9_000.0 - 150.0 * i),
            (metrics::CONSUMERS, 2.0),
            (metrics::PUBLISHED, 75.0 * i),
            (metrics::ACKNOWLEDGED, 225.0 * i),
        ];
        world.visit(|snapshot| put(snapshot, &orders, &values)).await;
    }
    let row = world.rows(Role::Destination).remove(0);
    let age = row.oldest_age;
    assert_eq!(age.method, Some(Method::Estimated));
    assert!((age.value.unwrap() - 5_850.0 / 15.0).abs() < 1.0, "{age:?}");
    let id = world.entity(&orders);
    let drain = world
        .store
        .points(id, metrics::DRAIN_SECONDS, START, world.now())
        .await
        .unwrap();
    assert!((drain.last().unwrap().1 - 585.0).abs() < 1.0, "{drain:?}");
    assert!(
        row.judgement.sentence.contains("empty in 10\u{a0}min"),
        "{}",
        row.judgement.sentence
    );
    // Emptied at once: the figures end at zero instead of staying at their last value.
    let values = [
        (DEPTH, 0.0),
        (metrics::ACKNOWLEDGED, 20_000.0),
        (metrics::CONSUMERS, 2.0),
    ];
    world.visit(|snapshot| put(snapshot, &orders, &values)).await;
    let drain = world
        .store
        .points(id, metrics::DRAIN_SECONDS, START, world.now())
        .await
        .unwrap();
    assert_eq!(drain.last().unwrap().1, 0.0);
}

#[tokio::test]
async fn an_age_that_the_broker_tells_is_not_replaced_by_an_estimate() {
    let mut world = World::new(System::RabbitMq).await;
    let orders = queue("orders");
    for i in 0..8 {
        let values = [
            (DEPTH, 600.0),
            (metrics::ACKNOWLEDGED, 150.0 * f64::from(i)),
            (metrics::OLDEST_AGE, 7.0),
        ];
        world.visit(|snapshot| put(snapshot, &orders, &values)).await;
    }
    let age = world.rows(Role::Destination).remove(0).oldest_age;
    assert_eq!((age.value, age.method), (Some(7.0), None));
}

#[tokio::test]
async fn a_rebalance_excuses_standing_still() {
    let mut world = World::new(System::Kafka).await;
    let end = |i: i32| 100.0 + f64::from(i) * 10.0;
    for i in 0..30 {
        let committed = if i < 10 { end(i) } else { end(9) };
        let members = if i > 28 { 3.0 } else { 2.0 };
        world
            .visit(|snapshot| put_group(snapshot, end(i), committed, members))
            .await;
        if i == 28 {
            assert_eq!(world.verdict(&group()), Verdict::Ok, "not long enough yet");
        }
    }
    for i in 30..33 {
        world.visit(|snapshot| put_group(snapshot, end(i), end(9), 3.0)).await;
        assert_eq!(world.verdict(&group()), Verdict::Ok, "a member joined a moment ago");
    }
    for i in 33..40 {
        world.visit(|snapshot| put_group(snapshot, end(i), end(9), 3.0)).await;
    }
    assert_eq!(
        world.verdict(&group()),
        Verdict::Stalled,
        "{}",
        world.judgement(&group()).sentence
    );
}

fn lag_rule() -> Rule {
    Rule {
        id: RuleId(0),
        name: "lag".into(),
        metric: metrics::LAG,
        scope: Scope::default(),
        comparison: Comparison::Above,
        fire: 5.0,
        clear: 5.0,
        for_seconds: 600,
        keep_firing_seconds: 0,
        severity: Severity::Warning,
        enabled: true,
        origin: Origin::Page,
    }
}

#[tokio::test]
async fn a_clock_that_jumps_changes_no_verdict_and_fires_nothing() {
    let mut world = World::new(System::Kafka).await;
    world.alerts.save(lag_rule(), world.now()).await.unwrap();
    let end = |i: i32| 100.0 + f64::from(i) * 10.0;
    for i in 0..24 {
        // Ten behind, and moving.
        world
            .visit(|snapshot| put_group(snapshot, end(i), end(i) - 10.0, 2.0))
            .await;
    }
    assert_eq!(world.verdict(&group()), Verdict::Ok);
    for jump in [30 * 60_000, 26 * 3_600_000, -5 * 3_600_000] {
        world.move_clock(jump);
        for i in 24..27 {
            world
                .visit(|snapshot| put_group(snapshot, end(i), end(i) - 10.0, 2.0))
                .await;
            assert_eq!(world.verdict(&group()), Verdict::Ok, "after a jump of {jump} ms");
            assert_eq!(world.alerts.firing(), 0, "after a jump of {jump} ms");
        }
    }
}

#[tokio::test]
async fn a_visit_to_a_connection_that_was_deleted_meanwhile_is_dropped() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 1.0)]))
        .await;
    world.store.delete_connection(world.id).await.unwrap();
    world.live.set_connections(Vec::new(), world.now());
    while world.news.try_recv().is_ok() {}
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 2.0)]))
        .await;
    world.fail().await;
    assert!(world.news.try_recv().is_err(), "nobody is told of it");
    assert!(world.live.connections(world.now()).is_empty());
}

#[tokio::test]
async fn a_failed_visit_is_a_bar_of_the_heartbeat_and_then_an_unreachable_connection() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 1.0), (metrics::CONSUMERS, 1.0)]))
        .await;
    let first_failure = world.now().plus_millis(INTERVAL);
    world.fail().await;
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(view.judgement.verdict, Verdict::AtRisk, "{}", view.judgement.sentence);
    for _ in 0..3 {
        world.fail().await;
    }
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(view.judgement.verdict, Verdict::Unreachable);
    assert_eq!(view.judgement.since, first_failure);
    assert_eq!(
        view.judgement.sentence,
        "Connection refused by 127.0.0.1:9. Check that the broker runs."
    );
    assert_eq!(view.beats.len(), 5);
    assert_eq!(view.revision, 5);
    let row = world.rows(Role::Destination).remove(0);
    assert_eq!(
        (row.depth.value, row.depth.absent),
        (Some(1.0), Some(Absence::Stale)),
        "the last known value stays"
    );
    assert_eq!(row.judgement.absent, Some(Absence::Stale));
    assert!(
        row.judgement.sentence.starts_with("Not known since 12:00"),
        "{}",
        row.judgement.sentence
    );
    let wanting = world.live.attention(world.now(), 10, &Default::default());
    let (attention, total) = (wanting.shown, wanting.total);
    assert_eq!((attention.len(), total), (1, 1), "one trouble, not one for each queue");
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 2.0), (metrics::CONSUMERS, 1.0)]))
        .await;
    assert_eq!(
        world.live.connections(world.now()).remove(0).judgement.verdict,
        Verdict::Ok
    );
}

#[tokio::test]
async fn that_a_broker_does_not_answer_can_be_alerted_on() {
    let mut world = World::new(System::RabbitMq).await;
    world.visit(|_| {}).await;
    let down = Rule {
        metric: metrics::UP,
        comparison: Comparison::Below,
        fire: 1.0,
        clear: 1.0,
        for_seconds: 0,
        ..lag_rule()
    };
    world.alerts.save(down, world.now()).await.unwrap();
    world.fail().await;
    assert_eq!(world.alerts.firing(), 1);
    let cluster = world.entity(&brokerscope_contract::EntityKey::cluster());
    let stored = world
        .store
        .points(cluster, metrics::UP, START, world.now())
        .await
        .unwrap();
    let values: Vec<f64> = stored.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, [1.0, 0.0], "both are stored, so that what fires can be drawn");
}

#[tokio::test]
async fn a_limit_that_is_told_now_and_then_counts_in_between() {
    let mut world = World::new(System::RabbitMq).await;
    let stuck = queue("stuck");
    for i in 0..8 {
        let mut values = vec![
            (DEPTH, 35.0),
            (metrics::IN_FLIGHT, 5.0),
            (metrics::CONSUMERS, 1.0),
            (metrics::ACKNOWLEDGED, 3.0),
        ];
        if i % 4 == 0 {
            values.push((metrics::IN_FLIGHT_LIMIT, 5.0));
        }
        world.visit(|snapshot| put(snapshot, &stuck, &values)).await;
    }
    assert_eq!(world.verdict(&stuck), Verdict::NotConsuming);
}

#[tokio::test]
async fn values_that_are_no_numbers_are_neither_stored_nor_shown() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| {
            put(snapshot, &queue("orders"), &[(DEPTH, f64::NAN)]);
            snapshot
                .samples
                .push(Sample::new(queue("orders"), metrics::CONSUMERS, f64::INFINITY));
        })
        .await;
    let row = world.rows(Role::Destination).remove(0);
    assert_eq!((row.depth.value, row.consumers.value), (None, None));
    assert_eq!(row.depth.absent, Some(Absence::NoData));
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_shown_and_the_page_says_why_it_stands_still() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 1.0)]))
        .await;
    world.store.close().await;
    while world.news.try_recv().is_ok() {}
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 2.0)]))
        .await;
    let unstored_since = world.now();
    world
        .visit(|snapshot| put(snapshot, &queue("orders"), &[(DEPTH, 3.0)]))
        .await;
    assert_eq!(world.rows(Role::Destination)[0].depth.value, Some(1.0));
    let judgement = world.live.connections(world.now()).remove(0).judgement;
    assert_eq!(
        (judgement.verdict, judgement.absent),
        (Verdict::Unknown, Some(Absence::Failed))
    );
    assert_eq!(
        judgement.sentence,
        "The broker answers, but nothing new can be stored: the store is closed."
    );
    assert_eq!(judgement.since, unstored_since);
    assert!(world.news.try_recv().is_err(), "nothing changed, so no page asks again");
    for _ in 0..4 {
        world.fail().await;
    }
    let judgement = world.live.connections(world.now()).remove(0).judgement;
    assert_eq!(
        judgement.verdict,
        Verdict::Unreachable,
        "what can be shown without storing is: {}",
        judgement.sentence
    );
}

#[tokio::test]
async fn what_a_cloud_tells_late_is_shown_with_its_own_time_and_is_not_estimated_beside_it() {
    let mut world = World::new(System::AwsSqs).await;
    let orders = queue("orders");
    let told = |metric, points: &[(Timestamp, f64)]| History {
        entity: queue("orders"),
        metric,
        points: points.to_vec(),
    };
    let early = START.plus_millis(-600_000);
    let late = START.plus_millis(-300_000);
    world
        .visit(|snapshot| {
            put(snapshot, &orders, &[(DEPTH, 12.0)]);
            snapshot.history = vec![
                told(metrics::OLDEST_AGE, &[(early, 100.0), (late, 400.0)]),
                told(metrics::PUBLISHED, &[(early, 0.0), (late, 600.0)]),
            ];
        })
        .await;
    for _ in 0..3 {
        world.visit(|snapshot| put(snapshot, &orders, &[(DEPTH, 12.0)])).await;
    }
    let shown = |metric| {
        let connection = world.live.connection(world.id).unwrap();
        let connection = connection.read();
        connection.reading(connection.entity(&orders).unwrap(), metric, world.now())
    };
    let age = shown(metrics::OLDEST_AGE);
    assert_eq!((age.value, age.at, age.absent), (Some(400.0), Some(late), None));
    assert_eq!(age.method, Some(Method::Exact));
    assert_eq!(shown(metrics::PUBLISHED).value, Some(2.0));
    let id = world.entity(&orders);
    let stored = world
        .store
        .points(id, metrics::OLDEST_AGE, early, world.now())
        .await
        .unwrap();
    assert_eq!(stored, [(early, 100.0), (late, 400.0)], "nothing estimated beside it");
}
