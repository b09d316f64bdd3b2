//! Several connections with bridges between them.

use std::collections::HashMap;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::api::entities::{FarEnd, RowsQuery};
use brokerscope_contract::api::topology::{Topology, TopologyQuery};
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    ConnectionId, Elsewhere, Entity, EntityId, EntityKey, EntityKind, Evidence, Link, LinkKind, Role, ServerInfo,
    Settings, Site, Snapshot, Status, System, Timestamp,
};
use brokerscope_store::Written;

use crate::ingest::world::{START, queue};
use crate::live::{Known, Live, Piece};

/// Connections by their names; ids count from 1.
#[derive(Default)]
struct Net {
    live: Live,
    known: Vec<Known>,
    ids: HashMap<(i64, EntityKey), EntityId>,
}

/// What a connection tells on its visit.
struct Told {
    system: System,
    cluster: Option<&'static str>,
    addresses: &'static [&'static str],
    entities: Vec<Entity>,
    links: Vec<Link>,
}

fn told(addresses: &'static [&'static str], entities: Vec<Entity>) -> Told {
    Told {
        system: System::RabbitMq,
        cluster: None,
        addresses,
        entities,
        links: Vec::new(),
    }
}

impl Net {
    fn add(&mut self, name: &str, told: Told) -> ConnectionId {
        let id = ConnectionId(self.known.len() as i64 + 1);
        self.known.push(Known {
            id,
            name: name.into(),
            system: told.system,
            origin: Origin::Page,
            paused: false,
            settings: Settings::new(),
            secrets_set: Vec::new(),
            trouble: None,
        });
        self.configure();
        self.visit(id, told, &[]);
        id
    }

    fn configure(&self) {
        self.live.set_connections(self.known.clone(), START);
    }

    fn visit(&mut self, id: ConnectionId, told: Told, deleted: &[EntityKey]) {
        let mut snapshot = Snapshot::empty(START);
        snapshot.server = ServerInfo {
            cluster_name: told.cluster.map(Into::into),
            addresses: told.addresses.iter().map(|address| address.to_string()).collect(),
            ..ServerInfo::default()
        };
        let ends = told.links.iter().flat_map(|link| [&link.from, &link.to]);
        let keys: Vec<&EntityKey> = told.entities.iter().map(|entity| &entity.key).chain(ends).collect();
        let mut ids = HashMap::new();
        for key in keys {
            let next = EntityId(self.ids.len() as i64 + 1);
            ids.insert(key.clone(), *self.ids.entry((id.0, key.clone())).or_insert(next));
        }
        let written = Written {
            ids,
            deleted: deleted.iter().map(|key| self.ids[&(id.0, key.clone())]).collect(),
            revision: 1,
        };
        snapshot.entities = told.entities;
        snapshot.links = Some(told.links);
        self.live
            .take(id, &Piece::Entities(&snapshot.entities), START, &written);
        let beat = Beat {
            at: START,
            status: Status::Ok,
            text: String::new(),
        };
        self.live
            .apply(id, &snapshot, &written, START.plus_millis(15_000), beat);
    }

    fn id(&self, connection: ConnectionId, key: &EntityKey) -> EntityId {
        self.ids[&(connection.0, key.clone())]
    }

    fn graph(&self, change: impl FnOnce(&mut TopologyQuery)) -> Topology {
        let mut query = TopologyQuery::default();
        change(&mut query);
        self.live.topology(&query, now())
    }

    /// Edges as "connection:name -> connection:name", with a * where they cross.
    fn arrows(&self, change: impl FnOnce(&mut TopologyQuery)) -> Vec<String> {
        let topology = self.graph(change);
        let name = |id: EntityId| {
            let node = topology.nodes.iter().find(|node| node.entity.id == id);
            let node = node.unwrap_or_else(|| panic!("{id:?} is drawn"));
            let connection = &self.known[node.entity.connection.0 as usize - 1];
            format!("{}:{}", connection.name, node.entity.name)
        };
        let arrow = |edge: &brokerscope_contract::api::topology::EdgeView| {
            let crossing = if edge.crosses { " *" } else { "" };
            format!("{} -> {}{crossing}", name(edge.from), name(edge.to))
        };
        let mut arrows: Vec<String> = topology.edges.iter().map(arrow).collect();
        arrows.sort();
        arrows
    }

    /// What becomes of the far end that connection `home` knows of.
    fn far_end(&self, home: ConnectionId, key: &EntityKey) -> FarEnd {
        let detail = self.live.entity(self.id(home, key), now()).expect("it has a page");
        detail.far_end.expect("it is a far end")
    }
}

fn now() -> Timestamp {
    START.plus_millis(1_000)
}

fn endpoint(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, ["elsewhere", name])
}

/// The box that stands for a queue of another broker.
fn far(name: &str, at: Site) -> Entity {
    Entity {
        stands_for: Some(Elsewhere {
            system: System::RabbitMq,
            at,
            keys: vec![queue(name), EntityKey::new(EntityKind::Stream, ["/", name])],
        }),
        ..Entity::new(endpoint(name))
    }
}

fn at(address: &str) -> Site {
    Site::Addresses(vec!["unknown:1".into(), address.into()])
}

fn near(name: &str) -> Entity {
    Entity::new(queue(name))
}

fn copies(from: &EntityKey, to: &EntityKey, label: &str) -> Link {
    Link {
        from: from.clone(),
        to: to.clone(),
        kind: LinkKind::Copies,
        label: Some(label.into()),
        evidence: Evidence::Connected,
    }
}

/// Connection `a` copies its queue `orders` to queue `copy` at `b:5672`.
fn shovel() -> Told {
    Told {
        links: vec![copies(&queue("orders"), &endpoint("copy"), "shovel")],
        ..told(&["a:5672"], vec![near("orders"), far("copy", at("b:5672"))])
    }
}

#[test]
fn a_far_end_is_found_where_exactly_one_broker_can_be_meant() {
    let b = || told(&["b:5672", "b:5671"], vec![near("copy")]);
    let stream = EntityKey::new(EntityKind::Stream, ["/", "copy"]);
    let named = |cluster| Told {
        cluster: Some(cluster),
        ..b()
    };
    let watched = |connection: usize| Ok(connection);
    let table: Vec<(&str, Vec<Told>, Result<usize, FarEnd>)> = vec![
        ("nobody watches it", vec![], Err(FarEnd::NotWatched)),
        (
            "at another address",
            vec![told(&["c:5672"], vec![near("copy")])],
            Err(FarEnd::NotWatched),
        ),
        (
            "it is watched",
            vec![told(&["c:5672"], vec![near("copy")]), b()],
            watched(1),
        ),
        (
            "a stream is a queue from outside",
            vec![told(&["b:5672"], vec![Entity::new(stream)])],
            watched(0),
        ),
        (
            "without such a queue",
            vec![told(&["b:5672"], vec![near("other")])],
            Err(FarEnd::NotThere),
        ),
        (
            "of another system",
            vec![Told {
                system: System::Kafka,
                ..b()
            }],
            Err(FarEnd::NotWatched),
        ),
        (
            "two brokers of one name",
            vec![named("one"), named("two")],
            Err(FarEnd::Ambiguous),
        ),
        (
            "two that do not say who they are",
            vec![b(), b()],
            Err(FarEnd::Ambiguous),
        ),
        ("the same broker twice", vec![named("one"), named("one")], watched(0)),
        (
            "twice, and one is not told of the queue",
            vec![told(&["b:5672"], vec![near("other")]), named("one")],
            watched(1),
        ),
        (
            "only as a far end of its own",
            vec![told(
                &["b:5672"],
                vec![Entity {
                    key: queue("copy"),
                    ..far("copy", at("c:1"))
                }],
            )],
            Err(FarEnd::NotThere),
        ),
    ];
    for (case, others, expected) in table {
        let mut net = Net::default();
        let home = net.add("a", shovel());
        let others: Vec<ConnectionId> = others.into_iter().map(|told| net.add("b", told)).collect();
        let found = match net.far_end(home, &endpoint("copy")) {
            FarEnd::Watched(entity) => {
                assert_eq!(entity.name, "copy", "{case}");
                let place = others.iter().position(|id| *id == entity.connection);
                Ok(place.unwrap_or_else(|| panic!("{case}: {entity:?}")))
            }
            missing => Err(missing),
        };
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn a_broker_is_known_by_the_name_of_its_cluster_or_by_a_key_that_is_the_same_everywhere() {
    for (site, cluster, found) in [
        (Site::Cluster("eu".into()), Some("eu"), true),
        (Site::Cluster("eu".into()), Some("us"), false),
        (Site::Cluster("eu".into()), None, false),
        (Site::Anywhere, None, true),
    ] {
        let mut net = Net::default();
        let home = net.add("a", told(&["a:5672"], vec![far("copy", site.clone())]));
        let other = Told {
            cluster,
            ..told(&[], vec![near("copy")])
        };
        net.add("b", other);
        let is_found = matches!(net.far_end(home, &endpoint("copy")), FarEnd::Watched(_));
        assert_eq!(is_found, found, "{site:?} {cluster:?}");
    }
    // The same account watched twice is one account.
    let mut net = Net::default();
    let home = net.add("a", told(&[], vec![far("copy", Site::Anywhere)]));
    for name in ["b", "c"] {
        net.add(name, told(&[], vec![near("copy")]));
    }
    assert!(matches!(net.far_end(home, &endpoint("copy")), FarEnd::Watched(entity) if entity.connection.0 == 2));
}

#[test]
fn what_the_connection_has_itself_is_not_looked_for_elsewhere() {
    let mut net = Net::default();
    let mut own = shovel();
    own.addresses = &["a:5672", "b:5672"];
    own.entities.push(near("copy"));
    let home = net.add("a", own);
    net.add("b", told(&["b:5672"], vec![near("copy")]));
    assert!(matches!(net.far_end(home, &endpoint("copy")), FarEnd::Watched(entity) if entity.connection == home));
    assert_eq!(net.arrows(|_| {}), ["a:orders -> a:copy"]);
}

#[test]
fn nothing_is_joined_with_itself() {
    let mut net = Net::default();
    let mirror = Told {
        links: vec![copies(&endpoint("orders"), &queue("orders"), "mirror")],
        ..told(&["a:5672"], vec![near("orders"), far("orders", at("a:5672"))])
    };
    let home = net.add("a", mirror);
    assert_eq!(net.far_end(home, &endpoint("orders")), FarEnd::Itself);
    assert_eq!(net.arrows(|_| {}), ["a:orders -> a:orders"], "from its box");
}

#[test]
fn one_edge_leads_from_the_queue_here_to_the_queue_there() {
    let mut net = Net::default();
    let a = net.add("a", shovel());
    assert_eq!(net.arrows(|_| {}), ["a:orders -> a:copy"]);
    assert_eq!(net.graph(|_| {}).total, 2);
    let b = net.add("b", told(&["b:5672"], vec![near("copy"), near("other")]));
    assert_eq!(net.arrows(|_| {}), ["a:orders -> b:copy *"]);
    let graph = net.graph(|_| {});
    assert_eq!((graph.total, graph.matching, graph.nodes.len()), (3, 3, 3));
    assert!(graph.nodes.iter().all(|node| node.entity.kind == EntityKind::Queue));
    assert_eq!(graph.edges[0].labels, ["shovel"]);
    let names: Vec<_> = graph
        .connections
        .iter()
        .map(|connection| (connection.id, connection.name.as_str()))
        .collect();
    assert_eq!(names, [(a, "a"), (b, "b")]);
}

#[test]
fn what_is_gone_on_the_other_side_is_a_box_again() {
    let mut net = Net::default();
    let a = net.add("a", shovel());
    let b = net.add("b", told(&["b:5672"], vec![near("copy")]));
    net.known[1].paused = true;
    net.configure();
    assert_eq!(
        net.arrows(|_| {}),
        ["a:orders -> b:copy *"],
        "paused, and its box is still drawn"
    );
    net.visit(b, told(&["b:5672"], vec![]), &[queue("copy")]);
    assert_eq!(net.far_end(a, &endpoint("copy")), FarEnd::NotThere, "deleted there");
    assert_eq!(net.arrows(|_| {}), ["a:orders -> a:copy"]);
    net.visit(b, told(&["b:5672"], vec![near("copy")]), &[]);
    assert_eq!(net.arrows(|_| {}), ["a:orders -> b:copy *"], "and back");
    net.known.pop();
    net.configure();
    assert_eq!(net.arrows(|_| {}), ["a:orders -> a:copy"], "the connection is gone");
}

#[test]
fn of_a_broker_that_is_watched_twice_the_connection_that_is_visited_counts() {
    let mut net = Net::default();
    let a = net.add("a", shovel());
    for name in ["b", "c"] {
        let cluster = Some("one");
        net.add(
            name,
            Told {
                cluster,
                ..told(&["b:5672"], vec![near("copy")])
            },
        );
    }
    assert!(matches!(net.far_end(a, &endpoint("copy")), FarEnd::Watched(entity) if entity.connection.0 == 2));
    net.known[1].paused = true;
    net.configure();
    assert!(matches!(net.far_end(a, &endpoint("copy")), FarEnd::Watched(entity) if entity.connection.0 == 3));
}

/// `a` copies `orders` to `copy` of `b`, which copies it to `last` of `c`.
fn chain() -> (Net, [ConnectionId; 3]) {
    let mut net = Net::default();
    let a = net.add("a", shovel());
    let b = net.add(
        "b",
        Told {
            links: vec![copies(&queue("copy"), &endpoint("last"), "on")],
            ..told(&["b:5672"], vec![near("copy"), far("last", at("c:5672"))])
        },
    );
    let c = net.add("c", told(&["c:5672"], vec![near("last")]));
    (net, [a, b, c])
}

#[test]
fn steps_around_a_focus_lead_over_bridges() {
    let (net, [a, _, c]) = chain();
    let around = |connection, key: &EntityKey, hops| {
        let focus = net.id(connection, key);
        let graph = net.graph(|query| (query.focus, query.hops) = (Some(focus.0), Some(hops)));
        let named = graph
            .nodes
            .into_iter()
            .map(|node| (node.entity.name, node.hidden_neighbours));
        named.collect::<Vec<_>>()
    };
    let named = |pairs: &[(&str, usize)]| pairs.iter().map(|(name, n)| (name.to_string(), *n)).collect::<Vec<_>>();
    assert_eq!(around(a, &queue("orders"), 0), named(&[("orders", 1)]));
    assert_eq!(around(a, &queue("orders"), 1), named(&[("orders", 0), ("copy", 1)]));
    assert_eq!(around(a, &queue("orders"), 2).len(), 3);
    assert_eq!(around(c, &queue("last"), 1), named(&[("copy", 1), ("last", 0)]));
    // A bookmark of the box that was there before.
    assert_eq!(around(a, &endpoint("copy"), 1).len(), 3);
}

#[test]
fn a_connection_by_itself_shows_what_its_bridges_lead_to_and_come_from() {
    let (net, [a, b, c]) = chain();
    let of = |id: ConnectionId| net.arrows(|query| query.connection = Some(id.0));
    assert_eq!(of(a), ["a:orders -> b:copy *"]);
    assert_eq!(of(b), ["a:orders -> b:copy *", "b:copy -> c:last *"]);
    assert_eq!(of(c), ["b:copy -> c:last *"]);
    let graph = net.graph(|query| query.connection = Some(a.0));
    assert_eq!(
        graph
            .nodes
            .iter()
            .map(|node| node.hidden_neighbours)
            .collect::<Vec<_>>(),
        [0, 1]
    );
    // Around a focus what is beyond is shown as well, and not gone on from.
    let focus = net.id(a, &queue("orders")).0;
    let near = net.arrows(|query| (query.connection, query.focus, query.hops) = (Some(a.0), Some(focus), Some(5)));
    assert_eq!(near, ["a:orders -> b:copy *"]);
}

#[test]
fn a_page_tells_of_neighbours_in_other_connections() {
    let (net, [a, b, _]) = chain();
    let page = net.live.entity(net.id(b, &queue("copy")), now()).unwrap();
    assert_eq!(page.far_end, None);
    let edges: Vec<_> = page
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to, edge.crosses))
        .collect();
    let [orders, copy] = [net.id(a, &queue("orders")), net.id(b, &queue("copy"))];
    let last = net.id(ConnectionId(3), &queue("last"));
    assert_eq!(edges, [(orders, copy, true), (copy, last, true)]);
    assert_eq!((page.nodes.len(), page.connections.len()), (3, 3));
    // The box here keeps a page of its own, with what is known of it here.
    let page = net.live.entity(net.id(a, &endpoint("copy")), now()).unwrap();
    assert!(matches!(page.far_end, Some(FarEnd::Watched(entity)) if entity.id == copy));
    let edges: Vec<_> = page
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to, edge.crosses))
        .collect();
    assert_eq!(edges, [(orders, net.id(a, &endpoint("copy")), false)]);
}

#[test]
fn an_edge_that_both_sides_tell_of_is_one_edge() {
    let mut net = Net::default();
    let a = net.add("a", shovel());
    let incoming = Told {
        links: vec![copies(&endpoint("orders"), &queue("copy"), "receives")],
        ..told(&["b:5672"], vec![near("copy"), far("orders", at("a:5672"))])
    };
    net.add("b", incoming);
    assert_eq!(net.arrows(|_| {}), ["a:orders -> b:copy *"]);
    let graph = net.graph(|_| {});
    assert_eq!((graph.edges[0].count, graph.edges[0].labels.len()), (1, 2));
    let page = net.live.entity(net.id(a, &queue("orders")), now()).unwrap();
    assert_eq!(page.edges.len(), 1);
}

#[test]
fn a_table_lists_what_is_known_twice_once() {
    let mut net = Net::default();
    let topic = Entity {
        key: queue("copy"),
        ..far("copy", Site::Anywhere)
    };
    net.add("a", told(&[], vec![topic]));
    let rows = |net: &Net| {
        let rows = net.live.rows(Role::Destination, &RowsQuery::default(), now()).unwrap();
        rows.page
            .items
            .into_iter()
            .map(|row| row.connection_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&net), ["a"]);
    net.add("b", told(&[], vec![near("copy")]));
    assert_eq!(rows(&net), ["b"]);
}

#[test]
fn a_bridge_into_a_crowd_leads_to_its_group() {
    let mut net = Net::default();
    let names: Vec<String> = (0..400).map(|number| format!("copy.{number}")).collect();
    let into: Vec<Link> = ["copy.7", "copy.8"]
        .map(|name| copies(&queue("orders"), &endpoint(name), "shovel"))
        .into();
    let mut own = shovel();
    own.entities = vec![near("orders"), far("copy.7", at("b:5672")), far("copy.8", at("b:5672"))];
    own.links = into;
    net.add("a", own);
    net.add("b", told(&["b:5672"], names.iter().map(|name| near(name)).collect()));
    let graph = net.graph(|_| {});
    assert!(graph.gathered);
    let [edge] = graph.edges.as_slice() else {
        panic!("{:?}", graph.edges)
    };
    assert!(edge.crosses && edge.to.0 < 0 && edge.count == 2, "{edge:?}");
    assert!(graph.nodes.iter().all(|node| node.entity.kind != EntityKind::Endpoint));
}
