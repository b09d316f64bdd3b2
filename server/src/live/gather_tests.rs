//! A graph of more than can be looked at, from visits that were stored in a real store.

use brokerscope_contract::api::topology::{Topology, TopologyQuery};
use brokerscope_contract::{EntityId, Evidence, Link, LinkKind, System, Verdict, metrics};

use crate::ingest::world::{World, exchange, put, queue};

const QUEUES: usize = 400;

/// Four teams of a hundred queues each behind one exchange; nobody reads `team1.q5`.
async fn large() -> World {
    let mut world = World::new(System::RabbitMq).await;
    for published in [0.0, 15.0] {
        world
            .visit(|snapshot| {
                put(snapshot, &exchange("x"), &[]);
                let mut links = Vec::new();
                for number in 0..QUEUES {
                    let queue = queue(&format!("team{}.q{number}", number % 4));
                    let consumers = if number == 5 { 0.0 } else { 1.0 };
                    let values = [
                        (metrics::DEPTH, 2.0),
                        (metrics::CONSUMERS, consumers),
                        (metrics::PUBLISHED, published),
                    ];
                    put(snapshot, &queue, &values);
                    links.push(Link {
                        from: exchange("x"),
                        to: queue,
                        kind: LinkKind::Binding,
                        label: Some(format!("key{number}")),
                        evidence: Evidence::Declared,
                    });
                }
                snapshot.links = Some(links);
            })
            .await;
    }
    world
}

fn ask(world: &World, change: impl FnOnce(&mut TopologyQuery)) -> Topology {
    let mut query = TopologyQuery::default();
    change(&mut query);
    world.live.topology(&query, world.now())
}

fn names(topology: &Topology) -> Vec<&str> {
    topology.nodes.iter().map(|node| node.entity.name.as_str()).collect()
}

#[tokio::test]
async fn hundreds_of_queues_are_a_few_groups_and_what_needs_a_person_is_not_in_them() {
    let world = large().await;
    let topology = ask(&world, |_| {});
    assert_eq!(
        (topology.matching, topology.total, topology.troubled),
        (QUEUES + 1, QUEUES + 1, 1)
    );
    assert!(topology.gathered);
    assert_eq!(names(&topology), ["x", "team1.q5"]);
    let groups: Vec<_> = topology
        .groups
        .iter()
        .map(|group| (group.prefix.as_str(), group.count, group.waiting))
        .collect();
    let all = |prefix, count: usize| (prefix, count, Some(2.0 * count as f64));
    assert_eq!(
        groups,
        [
            all("team0.q", 100),
            all("team1.q", 99),
            all("team2.q", 100),
            all("team3.q", 100)
        ]
    );
    assert!(
        topology
            .groups
            .iter()
            .all(|group| group.worst.len() == 8 && group.id.0 < 0)
    );
    assert_eq!(
        topology.groups[1].verdicts.iter().map(|one| one.count).sum::<usize>(),
        99
    );
}

#[tokio::test]
async fn the_edges_into_a_group_are_one_with_all_their_messages() {
    let world = large().await;
    let topology = ask(&world, |_| {});
    let x = world.entity(&exchange("x"));
    assert!(
        topology
            .edges
            .iter()
            .all(|edge| edge.from == x && edge.kind == LinkKind::Binding)
    );
    assert_eq!(topology.edges.len(), 5, "to each of four groups and to one queue");
    let edge = topology
        .edges
        .iter()
        .find(|edge| edge.to == topology.groups[0].id)
        .unwrap();
    assert_eq!((edge.count, edge.rate.value, edge.seen), (100, Some(100.0), true));
    assert_eq!(edge.labels, [] as [&str; 0]);
    let alone = topology
        .edges
        .iter()
        .find(|edge| edge.to == world.entity(&queue("team1.q5")))
        .unwrap();
    assert_eq!((alone.count, alone.verdict), (1, Verdict::NoConsumer));
    assert_eq!(alone.labels, ["key5"]);
}

#[tokio::test]
async fn what_is_asked_for_is_taken_out_of_its_group() {
    let world = large().await;
    let pinned = world.entity(&queue("team3.q7"));
    let topology = ask(&world, |query| query.pin = Some(format!("{}, nonsense", pinned.0)));
    assert_eq!(names(&topology), ["x", "team1.q5", "team3.q7"]);
    let found = ask(&world, |query| query.find = Some(" Q39 ".into()));
    assert_eq!(names(&found).len(), 2 + 11, "q39 and q390 to q399");
    let found = ask(&world, |query| query.find = Some("team2".into()));
    assert_eq!(names(&found).len(), 2 + 40, "the first forty");
    let closed = ask(&world, |_| {});
    let team0 = closed.groups[0].id;
    let open = ask(&world, |query| query.open = Some(team0.0.to_string()));
    assert_eq!((open.nodes.len(), open.groups.len()), (2 + 100, 3));
    let whole = ask(&world, |query| query.whole = Some(true));
    assert_eq!(
        (whole.nodes.len(), whole.groups.len(), whole.gathered),
        (QUEUES + 1, 0, false)
    );
    assert_eq!(whole.edges.len(), QUEUES);
}

#[tokio::test]
async fn a_crowd_around_the_focus_is_gathered_too_and_the_focus_is_not() {
    let world = large().await;
    let focus = world.entity(&queue("team2.q2"));
    let near = ask(&world, |query| (query.focus, query.hops) = (Some(focus.0), Some(1)));
    assert_eq!((near.nodes.len(), near.gathered), (2, false));
    let far = ask(&world, |query| query.focus = Some(focus.0));
    assert!(far.gathered && names(&far).contains(&"team2.q2"));
    let nobody = ask(&world, |query| query.focus = Some(EntityId(987_654).0));
    assert_eq!((nobody.matching, nobody.nodes.len()), (0, 0));
}
