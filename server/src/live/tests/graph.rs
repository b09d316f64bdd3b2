//! The graph and what it shows of edges and parts.

use super::*;

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
