//! What is shown: boxes for nodes and groups, and the lines between them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use brokerscope_contract::api::topology::{NodeView, Topology};
use brokerscope_contract::{EntityKind, Role, Status};
use brokerscope_figures::format;
use brokerscope_figures::layout::collapse::Group;

use super::gather::{gather, kind_of_family, scope_of_family, status_of};
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
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Index into [`Topology::nodes`].
    Node(usize),
    Group(Group),
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

/// What a person has asked to see on its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    pub pinned: BTreeSet<i64>,
    pub open: BTreeSet<i64>,
}

impl Scene {
    pub fn of(topology: Arc<Topology>, asked: &Asked) -> Scene {
        let collapsed = gather(&topology, &asked.pinned, &asked.open);
        let alone = topology.nodes.iter().enumerate().filter(|(_, node)| {
            let id = node.entity.id.0;
            collapsed.shown_as.get(&id) == Some(&id)
        });
        let mut items: Vec<Item> = alone.map(|(index, node)| of_node(index, node)).collect();
        let by_id: HashMap<i64, &NodeView> = topology.nodes.iter().map(|node| (node.entity.id.0, node)).collect();
        items.extend(collapsed.groups.iter().map(|group| of_group(group, &by_id)));
        // In the order of their ids, so that the drawing does not depend on the order of the answer.
        items.sort_by_key(|item| (item.id < 0, item.id));
        let strands = strands(&topology, &collapsed.shown_as);
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
        format!(
            "{} {}, {state}{numbers}. {} in, {} out.",
            item.caption,
            item.name,
            count(true),
            count(false)
        )
    }
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
        hidden: node.hidden_neighbours,
    }
}

fn of_group(group: &Group, nodes: &HashMap<i64, &NodeView>) -> Item {
    let kind = kind_of_family(&group.family);
    let word = kind.map_or("nodes", EntityKind::label);
    let count = group.members.len();
    let caption = format!("{} {}", format::count(count as f64), plural(word));
    let members = || group.members.iter().filter_map(|id| nodes.get(id));
    let waiting: Vec<f64> = members().filter_map(|node| node.waiting.value).collect();
    let name = match (group.label.as_str(), scope_of_family(&group.family)) {
        ("", "") => format!("all {}", plural(word)),
        ("", scope) => format!("{scope} …"),
        (label, _) => format!("{label}…"),
    };
    Item {
        id: group.id,
        subject: Subject::Group(group.clone()),
        look: kind.map_or(Look::Round, look),
        status: status_of(group.worst),
        caption,
        name,
        figures: if waiting.is_empty() {
            String::new()
        } else {
            format::count(waiting.iter().sum())
        },
        hidden: 0,
    }
}

fn plural(word: &str) -> String {
    format!("{word}s")
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::LinkKind;

    use super::super::testing::{edge, node, topology};
    use super::*;

    #[test]
    fn a_large_topology_is_shown_as_groups_that_can_be_opened() {
        let nodes: Vec<NodeView> = (1..=600)
            .map(|id| node(id, EntityKind::Queue, &format!("team{}.q{id}", id % 6)))
            .collect();
        let topology = Arc::new(topology(nodes, vec![edge(1, 2, LinkKind::DeadLetter, None)]));
        let scene = Scene::of(topology.clone(), &Asked::default());
        assert!(scene.items.len() <= 60, "{}", scene.items.len());
        let group = scene.items.iter().find(|item| item.id < 0).unwrap();
        assert_eq!(group.caption, "100 queues");
        assert!(group.name.starts_with("team"), "{}", group.name);
        let asked = Asked {
            open: BTreeSet::from([group.id]),
            ..Asked::default()
        };
        let opened = Scene::of(topology, &asked);
        assert!(opened.items.len() >= scene.items.len() + 99);
        assert!(opened.item(group.id).is_none());
    }

    #[test]
    fn an_item_says_everything_in_words() {
        let nodes = vec![node(1, EntityKind::Exchange, ""), node(2, EntityKind::Queue, "orders")];
        let scene = Scene::of(
            Arc::new(topology(nodes, vec![edge(1, 2, LinkKind::Binding, None)])),
            &Asked::default(),
        );
        let queue = scene.item(2).unwrap();
        assert_eq!(scene.spoken(queue), "queue orders, Ok, –. 1 in, 0 out.");
        assert_eq!(scene.item(1).unwrap().name, "(default exchange)");
    }
}
