//! What is shown: boxes for nodes and groups, and the lines between them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use brokerscope_contract::api::topology::{GroupView, NodeView, Topology};
use brokerscope_contract::{ConnectionId, EntityKind, Role, Status};
use brokerscope_figures::format;

use super::strand::{Strand, strands};
use super::words::figure_line;

/// The outline of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Services.
    Pill,
    /// Exchanges and topics: what messages are sent to.
    Sharp,
    /// Queues and subscriptions: where messages wait.
    Round,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Index into [`Topology::nodes`].
    Node(usize),
    /// Index into [`Topology::groups`].
    Group(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub id: i64,
    pub subject: Subject,
    pub look: Look,
    pub status: Status,
    /// The kind, above the box.
    pub caption: String,
    pub name: String,
    /// The numbers, below the name.
    pub figures: String,
    /// Where it is, where that is not to be taken for granted: its connection, if an edge leads from or to another one;
    /// of an endpoint the broker that it belongs to.
    pub place: Option<String>,
    /// Neighbours that are not in the drawing.
    pub hidden: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub topology: Arc<Topology>,
    pub items: Vec<Item>,
    pub strands: Vec<Strand>,
    /// Position of each item by its id.
    pub index: HashMap<i64, usize>,
}

impl Scene {
    pub fn of(topology: Arc<Topology>) -> Scene {
        let crossing = topology.edges.iter().filter(|edge| edge.crosses);
        let joined: HashSet<i64> = crossing.flat_map(|edge| [edge.from.0, edge.to.0]).collect();
        let connection = |id: i64, of: ConnectionId| joined.contains(&id).then(|| connection_name(&topology, of))?;
        let nodes = topology.nodes.iter().enumerate();
        let mut items: Vec<Item> = nodes
            .map(|(index, node)| Item {
                place: connection(node.entity.id.0, node.entity.connection).or_else(|| broker_of(node)),
                ..of_node(index, node)
            })
            .collect();
        let groups = topology.groups.iter().enumerate();
        items.extend(groups.map(|(index, group)| Item {
            place: connection(group.id.0, group.connection),
            ..of_group(index, group)
        }));
        // In the order of their ids, so that the drawing does not depend on the order of the answer.
        items.sort_by_key(|item| (item.id < 0, item.id));
        let strands = strands(&topology);
        let index = items.iter().enumerate().map(|(index, item)| (item.id, index)).collect();
        Scene {
            topology,
            items,
            strands,
            index,
        }
    }

    pub fn item(&self, id: i64) -> Option<&Item> {
        self.index.get(&id).and_then(|index| self.items.get(*index))
    }

    pub fn node(&self, item: &Item) -> Option<&NodeView> {
        match item.subject {
            Subject::Node(index) => self.topology.nodes.get(index),
            Subject::Group(_) => None,
        }
    }

    pub fn group(&self, item: &Item) -> Option<&GroupView> {
        match item.subject {
            Subject::Group(index) => self.topology.groups.get(index),
            Subject::Node(_) => None,
        }
    }

    /// Lines as pairs of ids.
    pub fn pairs(&self) -> Vec<(i64, i64)> {
        self.strands.iter().map(|strand| (strand.from, strand.to)).collect()
    }

    /// The item in words, for whoever does not see it.
    pub fn spoken(&self, item: &Item) -> String {
        let numbers = if item.figures.is_empty() {
            String::new()
        } else {
            format!(", {}", item.figures)
        };
        let state = match self.node(item) {
            Some(node) => node.verdict.label().to_string(),
            None => format!("worst: {}", crate::components::word_of(item.status)),
        };
        let count = |to: bool| {
            let ends = self
                .strands
                .iter()
                .filter(|strand| item.id == if to { strand.to } else { strand.from });
            ends.count()
        };
        let place = item
            .place
            .as_ref()
            .map(|name| format!(" in {name}"))
            .unwrap_or_default();
        format!(
            "{} {}{place}, {state}{numbers}. {} in, {} out.",
            item.caption,
            item.name,
            count(true),
            count(false)
        )
    }
}

/// The broker elsewhere that an endpoint belongs to, or the connector that leads to it.
///
/// There is little room, and the address says more than what is at it.
fn broker_of(node: &NodeView) -> Option<String> {
    let scope = node.entity.scope.as_str();
    let place = scope.split_once(" at ").map_or(scope, |(_, address)| address);
    (node.entity.kind == EntityKind::Endpoint && !place.is_empty()).then(|| place.to_string())
}

/// What a connection of the graph is called.
pub fn connection_name(topology: &Topology, id: ConnectionId) -> Option<String> {
    let mut connections = topology.connections.iter();
    connections
        .find(|connection| connection.id == id)
        .map(|connection| connection.name.clone())
}

fn look(kind: EntityKind) -> Look {
    match kind {
        EntityKind::Exchange | EntityKind::Topic | EntityKind::Stream => Look::Sharp,
        kind if kind.role() == Role::Service => Look::Pill,
        _ => Look::Round,
    }
}

fn of_node(index: usize, node: &NodeView) -> Item {
    Item {
        id: node.entity.id.0,
        subject: Subject::Node(index),
        look: look(node.entity.kind),
        status: node.verdict.status(),
        caption: node.entity.kind.label().into(),
        name: node.entity.title().into(),
        figures: figure_line(node),
        place: None,
        hidden: node.hidden_neighbours,
    }
}

fn of_group(index: usize, group: &GroupView) -> Item {
    Item {
        id: group.id.0,
        subject: Subject::Group(index),
        look: look(group.kind),
        // Worst first.
        status: group
            .verdicts
            .first()
            .map_or(Status::Unknown, |worst| worst.verdict.status()),
        caption: caption_of(group),
        name: title_of(group),
        figures: group.waiting.map(format::count).unwrap_or_default(),
        place: None,
        hidden: 0,
    }
}

/// "1,284 queues".
pub fn caption_of(group: &GroupView) -> String {
    format!("{} {}", format::count(group.count as f64), plural(group.kind.label()))
}

/// How the names of its members begin, or what else they have in common.
pub fn title_of(group: &GroupView) -> String {
    match (group.prefix.as_str(), group.scope.as_str()) {
        ("", "") => format!("all {}", plural(group.kind.label())),
        ("", scope) => format!("{scope} …"),
        (prefix, _) => format!("{prefix}…"),
    }
}

fn plural(word: &str) -> String {
    format!("{word}s")
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::api::topology::{ConnectionName, EdgeView};
    use brokerscope_contract::{LinkKind, Verdict};

    use super::super::testing::{edge, group, node, topology};
    use super::*;

    #[test]
    fn a_group_is_a_box_that_says_how_many_it_stands_for() {
        let mut topology = topology(
            vec![node(1, EntityKind::Exchange, "x")],
            vec![edge(1, -7, LinkKind::Binding, None)],
        );
        topology.groups = vec![group(-7, "team1.", &[(Verdict::Stalled, 1), (Verdict::Ok, 1_283)])];
        let scene = Scene::of(Arc::new(topology));
        let item = scene.item(-7).unwrap();
        assert_eq!((item.caption.as_str(), item.name.as_str()), ("1,284 queues", "team1.…"));
        assert_eq!((item.status, item.figures.as_str()), (Status::Critical, "30"));
        assert_eq!(scene.pairs(), [(1, -7)]);
        assert_eq!(
            scene.spoken(item),
            "1,284 queues team1.…, worst: Critical, 30. 1 in, 0 out."
        );
    }

    #[test]
    fn what_is_joined_over_connections_says_which_is_its_own() {
        let mut there = node(2, EntityKind::Queue, "copy");
        there.entity.connection = ConnectionId(2);
        let nodes = vec![
            node(1, EntityKind::Queue, "orders"),
            there,
            node(3, EntityKind::Queue, "own"),
        ];
        let bridge = EdgeView {
            crosses: true,
            ..edge(1, 2, LinkKind::Copies, None)
        };
        let mut topology = topology(nodes, vec![bridge, edge(1, 3, LinkKind::Copies, None)]);
        topology.connections = [(1, "here"), (2, "there")]
            .map(|(id, name)| ConnectionName {
                id: ConnectionId(id),
                name: name.into(),
            })
            .into();
        let scene = Scene::of(Arc::new(topology));
        let place = |id| scene.item(id).unwrap().place.as_deref();
        assert_eq!([1, 2, 3].map(place), [Some("here"), Some("there"), None]);
        assert_eq!(
            scene.spoken(scene.item(2).unwrap()),
            "queue copy in there, Ok, –. 1 in, 0 out."
        );
        assert_eq!(
            scene.strands.iter().map(|strand| strand.crosses).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn an_endpoint_says_which_broker_it_is_in() {
        let mut end = node(1, EntityKind::Endpoint, "queue copy");
        end.entity.scope = "AMQP broker at eu.example:5672, virtual host /".into();
        let scene = Scene::of(Arc::new(topology(vec![end], Vec::new())));
        assert_eq!(
            scene.item(1).unwrap().place.as_deref(),
            Some("eu.example:5672, virtual host /")
        );
    }

    #[test]
    fn an_item_says_everything_in_words() {
        let nodes = vec![node(1, EntityKind::Exchange, ""), node(2, EntityKind::Queue, "orders")];
        let scene = Scene::of(Arc::new(topology(nodes, vec![edge(1, 2, LinkKind::Binding, None)])));
        let queue = scene.item(2).unwrap();
        assert_eq!(scene.spoken(queue), "queue orders, Ok, –. 1 in, 0 out.");
        assert_eq!(scene.item(1).unwrap().name, "(default exchange)");
    }
}
