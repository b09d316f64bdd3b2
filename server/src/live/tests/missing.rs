//! What is old, missing or gone, and how that is said.

use super::*;

#[tokio::test]
async fn old_values_are_shown_as_old_and_say_since_when() {
    let mut world = with_four().await;
    let depth = |world: &World| {
        world
            .rows(Role::Destination)
            .into_iter()
            .find(|row| row.entity.name == "b.unread")
            .unwrap()
    };
    assert_eq!(depth(&world).depth, Reading::measured(12.0, world.now()));
    let measured = world.now();
    world.wait(3 * INTERVAL);
    assert_eq!(
        depth(&world).depth,
        Reading::measured(12.0, measured),
        "three intervals are forgiven"
    );
    world.wait(1);
    assert_eq!(depth(&world).depth, Reading::measured(12.0, measured).stale());
    let judgement = depth(&world).judgement;
    assert_eq!(
        (judgement.verdict, judgement.absent),
        (Verdict::Unknown, Some(Absence::Stale))
    );
    assert!(
        judgement.sentence.contains("it was no consumer then: 12 messages wait"),
        "{}",
        judgement.sentence
    );
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(
        (view.judgement.verdict, view.judgement.absent),
        (Verdict::Unknown, Some(Absence::Stale))
    );
}

#[tokio::test]
async fn one_value_that_no_longer_comes_is_old_by_itself() {
    let mut world = World::new(System::Kafka).await;
    let topic = EntityKey::new(EntityKind::Topic, ["orders"]);
    for _ in 0..3 {
        world
            .visit(|snapshot| put(snapshot, &topic, &[(metrics::KAFKA_PARTITIONS, 3.0)]))
            .await;
    }
    for _ in 0..4 {
        world.visit(|_| {}).await;
    }
    let detail = world.live.entity(world.entity(&topic), world.now()).unwrap();
    let partitions = detail
        .metrics
        .iter()
        .find(|view| view.metric == metrics::KAFKA_PARTITIONS)
        .unwrap();
    assert_eq!(
        (partitions.reading.value, partitions.reading.absent),
        (Some(3.0), Some(Absence::Stale))
    );
    assert_eq!(
        partitions.why.as_deref(),
        Some("The last visits brought no newer value.")
    );
}

#[tokio::test]
async fn what_is_missing_of_a_whole_account_is_missing_of_everything_in_it() {
    let mut world = World::new(System::AwsSqs).await;
    let account = |number: &str| EntityKey::new(EntityKind::Account, [number, "eu-west-1"]);
    let topic = |number: &str| EntityKey::new(EntityKind::Topic, [number, "eu-west-1", "news"]);
    let reader = |number: &str| EntityKey::new(EntityKind::Subscription, [number, "eu-west-1", "news", "1"]);
    world
        .visit(|snapshot| {
            for number in ["1", "2"] {
                snapshot.entities.push(Entity::new(account(number)));
                for (key, parent) in [(topic(number), account(number)), (reader(number), topic(number))] {
                    put(snapshot, &key, &[]);
                    snapshot.entities.last_mut().unwrap().parent = Some(parent);
                }
            }
            snapshot.warnings = vec![Warning {
                reason: Absence::NotPermitted,
                metrics: vec![metrics::OLDEST_AGE],
                entity: Some(account("1")),
                text: "The permission is missing.".into(),
                remedy: None,
            }];
        })
        .await;
    let connection = world.live.connection(world.id).unwrap();
    let connection = connection.read();
    let absent = |key: &EntityKey| {
        let entity = connection.entity(key).unwrap();
        connection.reading(entity, metrics::OLDEST_AGE, world.now()).absent
    };
    assert_eq!(absent(&reader("1")), Some(Absence::NotPermitted), "two steps up");
    assert_eq!(
        absent(&reader("2")),
        Some(Absence::NoData),
        "the other account's are only not there yet"
    );
    drop(connection);
    let page = world.live.entity(world.entity(&account("1")), world.now()).unwrap();
    let ages = page.metrics.iter().filter(|view| view.metric == metrics::OLDEST_AGE);
    assert_eq!(ages.count(), 0, "an account has no age itself");
}

#[tokio::test]
async fn what_is_missing_says_why() {
    let mut world = World::new(System::RabbitMq).await;
    let orders = queue("orders");
    let warning = |reason, metric, entity: Option<&EntityKey>| Warning {
        reason,
        metrics: vec![metric],
        entity: entity.cloned(),
        text: format!("{metric} is missing."),
        remedy: Some("Ask for it.".into()),
    };
    world
        .visit(|snapshot| {
            put(snapshot, &orders, &[(DEPTH, 1.0)]);
            snapshot.warnings = vec![
                warning(Absence::Disabled, metrics::PUBLISHED, None),
                warning(Absence::NotPermitted, metrics::CONSUMERS, None),
                warning(Absence::Failed, metrics::CONSUMERS, Some(&orders)),
                warning(Absence::NotPermitted, metrics::IN_FLIGHT, Some(&queue("other"))),
            ];
        })
        .await;
    let row = world.rows(Role::Destination).remove(0);
    assert_eq!(row.rate_in.absent, Some(Absence::Disabled));
    assert_eq!(
        row.consumers.absent,
        Some(Absence::Failed),
        "the closest warning counts"
    );
    assert_eq!(
        row.in_flight.absent,
        Some(Absence::NoData),
        "a warning about something else does not"
    );
    assert_eq!(row.lag.absent, Some(Absence::NotSupported), "a queue has no lag");
    assert_eq!(
        row.rate_out.absent,
        Some(Absence::NoData),
        "what a queue may have and has not yet"
    );
    let detail = world.live.entity(world.entity(&orders), world.now()).unwrap();
    let consumers = detail
        .metrics
        .iter()
        .find(|view| view.metric == metrics::CONSUMERS)
        .unwrap();
    assert_eq!(consumers.why.as_deref(), Some("consumers is missing. Ask for it."));
    assert!(
        detail.metrics.iter().all(|view| view.metric != metrics::LAG),
        "nor does its page speak of one"
    );
}

#[tokio::test]
async fn what_the_broker_no_longer_has_keeps_its_page_and_leaves_the_tables() {
    let mut world = with_four().await;
    let id = world.entity(&queue("a.read"));
    world
        .visit(|snapshot| {
            four(snapshot);
            snapshot.entities.retain(|entity| entity.key.name() != "a.read");
            snapshot.samples.retain(|sample| sample.entity.name() != "a.read");
            snapshot.complete.push(EntityKind::Queue);
        })
        .await;
    assert_eq!(names(&world, |q| q.q = Some("a.read".into())), [] as [&str; 0]);
    let detail = world.live.entity(id, world.now()).unwrap();
    assert_eq!(detail.deleted_at, Some(world.now()));
    let judgement = &detail.row.judgement;
    assert_eq!(
        (judgement.verdict, judgement.absent),
        (Verdict::Unknown, Some(Absence::Stale))
    );
    assert!(
        judgement.sentence.starts_with("The broker no longer has it since") && judgement.sentence.contains("ok then"),
        "{}",
        judgement.sentence
    );
    assert!(world.live.knows(id) && !world.live.knows(EntityId(999_999)));
    assert_eq!(world.live.entity(EntityId(999_999), world.now()), None);
    world.visit(four).await;
    assert_eq!(
        names(&world, |q| q.q = Some("a.read".into())),
        ["a.read"],
        "and comes back"
    );
}

#[tokio::test]
async fn a_restart_shows_what_was_shown_before() {
    let mut world = with_four().await;
    world
        .visit(|snapshot| {
            four(snapshot);
            snapshot.checks.push(CheckResult {
                entity: EntityKey::cluster(),
                check: CheckId("made_up".into()),
                status: Status::Warning,
                text: "too warm".into(),
                absent: None,
            });
            snapshot.server.version = Some("4.3.6".into());
            snapshot.links = Some(vec![link(&queue("a.read"), &queue("b.unread"), LinkKind::DeadLetter)]);
        })
        .await;
    let (rows, health) = (world.rows(Role::Destination), world.live.health(world.now()));
    let world = world.restart(1_000).await;
    world.live.warm(&world.store, world.now()).await.unwrap();
    for (before, after) in rows.iter().zip(world.rows(Role::Destination)) {
        assert_eq!(
            (&after.entity, &after.judgement, after.depth),
            (&before.entity, &before.judgement, before.depth)
        );
        assert_eq!(after.dead_letter, before.dead_letter);
        assert_eq!(after.line, before.line, "{}", after.entity.name);
    }
    let after = world.live.health(world.now());
    assert_eq!(
        (&after[0].checks, &after[0].beats),
        (&health[0].checks, &health[0].beats)
    );
    let view = world.live.connections(world.now()).remove(0);
    assert_eq!(
        (view.server.version.as_deref(), view.revision, view.destinations),
        (Some("4.3.6"), 3, 3)
    );
    assert_eq!(view.uptime, Some(1.0));
}
