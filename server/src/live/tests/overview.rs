//! Connections as pages show them, and what needs a person, from visits that were stored in a real store.

use std::collections::HashSet;

use brokerscope_contract::api::overview::Attention;
use brokerscope_contract::{
    CheckId, CheckResult, EntityKey, EntityKind, Role, Sample, Status, System, Verdict, metrics,
};

use super::with_four;
use crate::ingest::world::{World, exchange, put, queue};

const DEPTH: brokerscope_contract::MetricId = metrics::DEPTH;

#[tokio::test]
async fn topics_at_risk_are_told_with_the_connection_that_is_the_cause() {
    let topic = |name: &str| EntityKey::new(EntityKind::Topic, [name]);
    // So many partitions of a topic are out of sync, and what the check of all of them says.
    for (behind, check, listed) in [
        (3.0, Status::Warning, vec!["Kafka and 2 topics", "broken"]),
        // What no check explains is listed by itself.
        (3.0, Status::Ok, vec!["broken", "orders", "payments"]),
        (0.0, Status::Warning, vec!["Kafka and 0 topics", "broken"]),
    ] {
        let mut world = World::new(System::Kafka).await;
        for _ in 0..4 {
            world
                .visit(|snapshot| {
                    put(snapshot, &EntityKey::cluster(), &[]);
                    for name in ["orders", "payments"] {
                        let values = [
                            (metrics::KAFKA_UNDER_REPLICATED, behind),
                            (metrics::KAFKA_PARTITIONS, 3.0),
                        ];
                        put(snapshot, &topic(name), &values);
                    }
                    let broken = [(metrics::KAFKA_OFFLINE, 1.0), (metrics::KAFKA_PARTITIONS, 3.0)];
                    put(snapshot, &topic("broken"), &broken);
                    snapshot.checks.push(CheckResult {
                        entity: EntityKey::cluster(),
                        check: CheckId("made_up".into()),
                        status: check,
                        text: "replicas are out of sync".into(),
                        absent: None,
                    });
                })
                .await;
        }
        let wanting = world.live.attention(world.now(), 9, &HashSet::new());
        let (attention, total) = (wanting.shown, wanting.total);
        let mut names: Vec<_> = attention
            .iter()
            .map(|one| match one {
                Attention::Connection { topics_at_risk, .. } => format!("Kafka and {topics_at_risk} topics"),
                Attention::Entity { row, .. } => row.entity.name.clone(),
                Attention::Alert { alert } => panic!("{alert:?}"),
            })
            .collect();
        names.sort_unstable();
        assert_eq!(
            (names, total),
            (listed.iter().map(ToString::to_string).collect(), listed.len())
        );
    }
}

#[tokio::test]
async fn a_paused_connection_says_so_and_needs_nobody() {
    let mut world = with_four().await;
    world.configure(|known| known.paused = true);
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(
        (view.judgement.verdict, view.paused, view.next_visit_at),
        (Verdict::Unknown, true, None)
    );
    assert!(view.judgement.sentence.starts_with("Paused"));
    assert_eq!(world.live.attention(world.now(), 5, &HashSet::new()).total, 0);
    world.configure(|known| {
        known.paused = false;
        known.trouble = Some(("Its stored secret is damaged.".into(), "Enter it again.".into()));
    });
    let attention = world.live.attention(world.now(), 5, &HashSet::new()).shown;
    let Attention::Connection { judgement, .. } = &attention[0] else {
        panic!("{attention:?}")
    };
    assert_eq!(judgement.sentence, "Its stored secret is damaged. Enter it again.");
}

#[tokio::test]
async fn totals_of_a_connection_count_nothing_twice() {
    let mut world = World::new(System::RabbitMq).await;
    for count in [0.0, 150.0] {
        world
            .visit(|snapshot| {
                put(snapshot, &exchange("x"), &[(metrics::PUBLISHED, count)]);
                put(snapshot, &queue("a"), &[(DEPTH, 5.0), (metrics::PUBLISHED, count)]);
                put(snapshot, &queue("b"), &[(DEPTH, 7.0)]);
            })
            .await;
    }
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!((view.depth.value, view.throughput.value), (Some(12.0), Some(10.0)));
    assert_eq!(view.depth_line.last(), Some(&Some(12.0)));
    assert_eq!((view.destinations, view.subscriptions), (3, 0));
    for count in [0.0, 1_500.0] {
        world
            .visit(|snapshot| {
                snapshot
                    .samples
                    .push(Sample::new(EntityKey::cluster(), metrics::PUBLISHED, count))
            })
            .await;
    }
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(
        view.throughput.value,
        Some(100.0),
        "the cluster's own count knows better"
    );
}

#[tokio::test]
async fn what_waits_in_subscriptions_counts_whatever_its_system_calls_it() {
    for (system, kind, metric) in [
        (System::GcpPubsub, EntityKind::Subscription, DEPTH),
        (System::Pulsar, EntityKind::Subscription, metrics::LAG),
        (System::Nats, EntityKind::StreamConsumer, metrics::LAG),
        (System::Kafka, EntityKind::ConsumerGroup, metrics::LAG),
    ] {
        let mut world = World::new(system).await;
        let reader = EntityKey::new(kind, ["billing"]);
        world.visit(|snapshot| put(snapshot, &reader, &[(metric, 7.0)])).await;
        let view = world.live.connections(world.now()).remove(0);
        assert_eq!(view.depth.value, Some(7.0), "{system:?}");
        let row = world.rows(Role::Subscription).remove(0);
        assert_eq!((row.lag.value, row.line.is_empty()), (Some(7.0), false), "{system:?}");
    }
}

#[tokio::test]
async fn what_an_alert_fires_on_is_listed_before_what_has_no_room_and_what_is_well_is_counted() {
    let mut world = World::new(System::RabbitMq).await;
    let names = ["a", "b", "c"];
    for _ in 0..2 {
        world
            .visit(|snapshot| {
                for name in names {
                    put(snapshot, &queue(name), &[(DEPTH, 9.0), (metrics::CONSUMERS, 0.0)]);
                }
                put(snapshot, &queue("well"), &[(DEPTH, 0.0), (metrics::CONSUMERS, 1.0)]);
                put(snapshot, &queue("unknown"), &[]);
            })
            .await;
    }
    let id = |name: &str| world.entity(&queue(name));
    let alerted = HashSet::from([id("c"), id("well")]);
    let wanting = world.live.attention(world.now(), 2, &alerted);
    let shown: Vec<_> = wanting
        .shown
        .iter()
        .filter_map(|one| match one {
            Attention::Entity { row, .. } => Some(row.entity.name.as_str()),
            _ => None,
        })
        .collect();
    assert!(shown.len() == 2 && shown.contains(&"c"), "{shown:?}");
    assert_eq!((wanting.total, wanting.fine), (3, 1));
    assert_eq!(wanting.alerted, HashSet::from([id("c")]), "what is well is not wrong");
}
