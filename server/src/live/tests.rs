//! What pages are told, from visits that were stored in a real store.

use brokerscope_contract::api::entities::RowsQuery;
use brokerscope_contract::api::topology::TopologyQuery;
use brokerscope_contract::{
    Absence, Attribute, CheckId, CheckResult, Entity, EntityId, EntityKey, EntityKind, Evidence, Link, LinkKind,
    Reading, Role, Snapshot, Status, System, Verdict, Warning, metrics,
};

use crate::ingest::world::{INTERVAL, START, World, exchange, put, queue};

const DEPTH: brokerscope_contract::MetricId = metrics::DEPTH;

fn query(change: impl FnOnce(&mut RowsQuery)) -> RowsQuery {
    let mut query = RowsQuery::default();
    change(&mut query);
    query
}

fn names(world: &World, change: impl FnOnce(&mut RowsQuery)) -> Vec<String> {
    let rows = world.live.rows(Role::Destination, &query(change), world.now()).unwrap();
    rows.page.items.into_iter().map(|row| row.entity.name).collect()
}

/// Four queues: one nobody reads, one that is read, one of the broker's own, and one without any value.
fn four(snapshot: &mut Snapshot) {
    put(
        snapshot,
        &queue("b.unread"),
        &[(DEPTH, 12.0), (metrics::CONSUMERS, 0.0)],
    );
    put(snapshot, &queue("a.read"), &[(DEPTH, 0.0), (metrics::CONSUMERS, 3.0)]);
    put(snapshot, &queue("amq.own"), &[(DEPTH, 1.0)]);
    if let Some(own) = snapshot.entities.last_mut() {
        own.internal = true;
    }
    put(snapshot, &queue("C.silent"), &[]);
}

pub async fn with_four() -> World {
    let mut world = World::new(System::RabbitMq).await;
    for _ in 0..2 {
        world.visit(four).await;
    }
    world
}

#[tokio::test]
async fn the_worst_come_first_and_each_verdict_is_counted() {
    let world = with_four().await;
    assert_eq!(names(&world, |_| {}), ["b.unread", "C.silent", "a.read"]);
    let rows = world
        .live
        .rows(
            Role::Destination,
            &query(|q| q.verdict = Some("attention".into())),
            world.now(),
        )
        .unwrap();
    assert_eq!(rows.page.total, 2);
    let counts: Vec<_> = rows.verdicts.iter().map(|count| (count.verdict, count.count)).collect();
    assert_eq!(
        counts,
        [(Verdict::NoConsumer, 1), (Verdict::Unknown, 1), (Verdict::Ok, 1)],
        "before the filter"
    );
    assert_eq!(rows.as_of, Some(world.now()));
}

#[tokio::test]
async fn rows_are_filtered_by_every_part_of_the_query() {
    let world = with_four().await;
    assert_eq!(names(&world, |q| q.q = Some("READ".into())), ["b.unread", "a.read"]);
    assert_eq!(names(&world, |q| q.q = Some("c.s".into())), ["C.silent"]);
    assert_eq!(
        names(&world, |q| q.q = Some("//a.r".into())),
        ["a.read"],
        "with what comes before the name"
    );
    assert_eq!(names(&world, |q| q.internal = Some(true)).len(), 4);
    assert_eq!(names(&world, |q| q.verdict = Some("no_consumer".into())), ["b.unread"]);
    assert_eq!(names(&world, |q| q.kind = Some("topic".into())), [] as [&str; 0]);
    assert_eq!(names(&world, |q| q.system = Some("kafka".into())), [] as [&str; 0]);
    assert_eq!(names(&world, |q| q.connection = Some(world.id.0)).len(), 3);
    assert_eq!(names(&world, |q| q.connection = Some(999)), [] as [&str; 0]);
}

#[tokio::test]
async fn what_has_no_number_comes_last_in_either_direction() {
    let world = with_four().await;
    let sorted = |column: &str, dir: Option<&str>| {
        names(&world, |q| {
            q.sort = Some(column.into());
            q.dir = dir.map(Into::into);
        })
    };
    assert_eq!(
        sorted("depth", None),
        ["b.unread", "a.read", "C.silent"],
        "numbers begin with the greatest"
    );
    assert_eq!(sorted("depth", Some("asc")), ["a.read", "b.unread", "C.silent"]);
    assert_eq!(sorted("name", Some("desc")), ["b.unread", "a.read", "C.silent"]);
    assert_eq!(sorted("consumers", Some("asc")), ["b.unread", "a.read", "C.silent"]);
}

#[tokio::test]
async fn a_long_list_comes_in_pages_that_follow_each_other() {
    let mut world = World::new(System::RabbitMq).await;
    world
        .visit(|snapshot| (0..25).for_each(|n| put(snapshot, &queue(&format!("q{n:02}")), &[(DEPTH, 0.0)])))
        .await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = query(|q| {
            (q.limit, q.sort) = (Some(10), Some("name".into()));
            q.cursor = cursor.take();
        });
        let page = world.live.rows(Role::Destination, &page, world.now()).unwrap().page;
        assert_eq!((page.total, page.offset), (25, seen.len()));
        seen.extend(page.items.into_iter().map(|row| row.entity.name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, (0..25).map(|n| format!("q{n:02}")).collect::<Vec<_>>());
    let wrong = world
        .live
        .rows(Role::Destination, &query(|q| q.cursor = Some("!!".into())), world.now());
    assert_eq!(wrong.unwrap_err().field, "cursor");
}

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

fn link(from: &EntityKey, to: &EntityKey, kind: LinkKind) -> Link {
    Link {
        from: from.clone(),
        to: to.clone(),
        kind,
        label: None,
        evidence: Evidence::Declared,
    }
}

/// x -> q1 -> service, x -> q2, and q3 by itself.
async fn graph() -> World {
    let mut world = World::new(System::RabbitMq).await;
    for count in [0.0, 150.0] {
        world
            .visit(|snapshot| {
                put(snapshot, &exchange("x"), &[]);
                for name in ["q1", "q2", "q3"] {
                    put(snapshot, &queue(name), &[(DEPTH, 5.0), (metrics::PUBLISHED, count)]);
                }
                let service = EntityKey::new(EntityKind::Service, ["billing"]);
                snapshot.entities.push(Entity::new(service.clone()));
                snapshot.links = Some(vec![
                    link(&exchange("x"), &queue("q1"), LinkKind::Binding),
                    link(&exchange("x"), &queue("q2"), LinkKind::Binding),
                    link(&queue("q1"), &service, LinkKind::Consumes),
                ]);
            })
            .await;
    }
    world
}

fn focus(world: &World, key: &EntityKey, hops: usize) -> Vec<(String, usize)> {
    let query = TopologyQuery {
        focus: Some(world.entity(key).0),
        hops: Some(hops),
        ..TopologyQuery::default()
    };
    let topology = world.live.topology(&query, world.now());
    assert_eq!(topology.total, 5);
    let nodes = topology
        .nodes
        .into_iter()
        .map(|node| (node.entity.name, node.hidden_neighbours));
    nodes.collect()
}

#[tokio::test]
async fn the_graph_around_a_node_counts_what_it_leaves_out() {
    let world = graph().await;
    let of = |names: &[(&str, usize)]| {
        names
            .iter()
            .map(|(name, n)| ((*name).to_string(), *n))
            .collect::<Vec<_>>()
    };
    assert_eq!(focus(&world, &queue("q1"), 0), of(&[("q1", 2)]));
    assert_eq!(
        focus(&world, &queue("q1"), 1),
        of(&[("x", 1), ("q1", 0), ("billing", 0)])
    );
    assert_eq!(
        focus(&world, &queue("q1"), 2),
        of(&[("x", 0), ("q1", 0), ("q2", 0), ("billing", 0)])
    );
    assert_eq!(focus(&world, &queue("q3"), 5), of(&[("q3", 0)]));
    let detail = world.live.entity(world.entity(&queue("q2")), world.now()).unwrap();
    assert_eq!((detail.nodes.len(), detail.edges.len()), (2, 1));
}

#[tokio::test]
async fn the_only_edge_into_a_queue_carries_what_comes_in() {
    let world = graph().await;
    let topology = world.live.topology(&TopologyQuery::default(), world.now());
    assert_eq!((topology.nodes.len(), topology.edges.len()), (5, 3));
    let binding = topology
        .edges
        .iter()
        .find(|edge| edge.kind == LinkKind::Binding)
        .unwrap();
    assert_eq!(binding.rate.value, Some(10.0));
    let consumes = topology
        .edges
        .iter()
        .find(|edge| edge.kind == LinkKind::Consumes)
        .unwrap();
    assert_eq!(
        (consumes.rate.value, consumes.rate.absent),
        (None, Some(Absence::NotSupported))
    );
}

#[tokio::test]
async fn parts_are_listed_in_the_order_in_which_people_count() {
    let mut world = World::new(System::Kafka).await;
    let topic = EntityKey::new(EntityKind::Topic, ["orders"]);
    world
        .visit(|snapshot| {
            put(snapshot, &topic, &[]);
            for n in ["10", "2", "0"] {
                put(
                    snapshot,
                    &EntityKey::new(EntityKind::Partition, ["orders", n]),
                    &[(metrics::KAFKA_END_OFFSET, 5.0)],
                );
                if let Some(part) = snapshot.entities.last_mut() {
                    part.parent = Some(topic.clone());
                    part.attributes.push(Attribute::new("leader", n));
                }
            }
        })
        .await;
    let detail = world.live.entity(world.entity(&topic), world.now()).unwrap();
    let parts: Vec<_> = detail
        .parts
        .iter()
        .map(|part| (part.entity.name.as_str(), part.attributes[0].value.as_str()))
        .collect();
    assert_eq!(parts, [("0", "0"), ("2", "2"), ("10", "10")]);
    let part = world.live.entity(detail.parts[0].entity.id, world.now()).unwrap();
    assert_eq!(part.parent.map(|parent| parent.name), Some("orders".into()));
}

#[tokio::test]
async fn checks_keep_their_history_and_are_unknown_when_nobody_answers() {
    let mut world = World::new(System::RabbitMq).await;
    let node = EntityKey::new(EntityKind::Node, ["rabbit@a"]);
    let check = |status, text: &str| CheckResult {
        entity: EntityKey::new(EntityKind::Node, ["rabbit@a"]),
        check: CheckId("made_up".into()),
        status,
        text: text.into(),
        absent: None,
    };
    for (status, text) in [
        (Status::Ok, "cool"),
        (Status::Critical, "hot"),
        (Status::Critical, "hotter"),
    ] {
        world
            .visit(|snapshot| {
                put(snapshot, &node, &[]);
                snapshot.checks.push(check(status, text));
            })
            .await;
    }
    let view = world.live.health(world.now()).remove(0).checks.remove(0);
    assert_eq!(
        (view.status, view.text.as_str(), view.checked_at),
        (Status::Critical, "hotter", world.now())
    );
    assert_eq!(view.since, START.plus_millis(2 * INTERVAL));
    let history: Vec<_> = view
        .history
        .iter()
        .map(|change| (change.status, change.text.as_str()))
        .collect();
    assert_eq!(history, [(Status::Critical, "hot"), (Status::Ok, "cool")]);
    let connection = world.live.connections(world.now()).remove(0);
    assert_eq!(connection.judgement.verdict, Verdict::Broken);
    assert!(
        connection.judgement.sentence.starts_with("made_up on rabbit@a: hotter"),
        "{}",
        connection.judgement.sentence
    );
    assert_eq!(connection.beats.last().unwrap().status, Status::Critical);
    world.wait(4 * INTERVAL);
    let view = world.live.health(world.now()).remove(0).checks.remove(0);
    assert_eq!((view.status, view.absent), (Status::Unknown, Some(Absence::Stale)));
}

#[tokio::test]
async fn a_check_that_is_no_longer_made_says_nothing_any_more() {
    let mut world = World::new(System::Kafka).await;
    let check = |id: &str, status| CheckResult {
        entity: EntityKey::cluster(),
        check: CheckId(id.into()),
        status,
        text: String::new(),
        absent: None,
    };
    let both = vec![check("of_a_part", Status::Critical), check("of_the_whole", Status::Ok)];
    let whole = vec![check("of_the_whole", Status::Ok)];
    // The part is taken out of the settings, and what it said last stands no longer than two hours.
    for (made, passed, seen, verdict) in [
        (&both, 0, vec!["of_a_part", "of_the_whole"], Verdict::Broken),
        (&whole, 2 * 60 * 60 * 1_000, vec!["of_the_whole"], Verdict::Ok),
    ] {
        world.wait(passed);
        // A verdict stands when several visits have said the same.
        for _ in 0..4 {
            world
                .visit(|snapshot| {
                    put(snapshot, &EntityKey::cluster(), &[]);
                    snapshot.checks.clone_from(made);
                })
                .await;
        }
        let view = world.live.health(world.now()).remove(0);
        let checks: Vec<_> = view.checks.iter().map(|check| check.def.id.0.as_str()).collect();
        assert_eq!(checks, seen);
        let connection = world.live.connections(world.now()).remove(0);
        assert_eq!(
            connection.judgement.verdict, verdict,
            "{}",
            connection.judgement.sentence
        );
    }
}

#[tokio::test]
async fn odd_names_stay_as_they_are() {
    let mut world = World::new(System::RabbitMq).await;
    let odd = ["a/b c", "<img src=x>", "\u{1F407}\u{202E}tibbar", "", "*?"];
    world
        .visit(|snapshot| odd.iter().for_each(|name| put(snapshot, &queue(name), &[(DEPTH, 1.0)])))
        .await;
    let mut shown = names(&world, |q| q.sort = Some("name".into()));
    shown.sort_unstable();
    let mut expected = odd.map(String::from);
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert_eq!(names(&world, |q| q.q = Some("\u{1F407}".into())).len(), 1);
}
