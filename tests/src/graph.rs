//! The graph over all connections, in words.

use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::{EdgeView, Topology};
use brokerscope_contract::{EntityId, LinkKind};

use crate::Product;

pub struct Graph(pub Topology);

impl Graph {
    pub async fn of(product: &Product) -> Graph {
        Graph(
            product
                .get(&format!("{}?internal=true&whole=true", path::TOPOLOGY))
                .await,
        )
    }

    /// Edges of a kind as "connection name -> connection name".
    pub fn arrows(&self, kind: LinkKind) -> Vec<String> {
        let edges = self.0.edges.iter().filter(|edge| edge.kind == kind);
        let mut arrows: Vec<String> = edges.map(|edge| self.arrow(edge)).collect();
        arrows.sort();
        arrows
    }

    pub fn arrow(&self, edge: &EdgeView) -> String {
        format!("{} -> {}", self.name(edge.from), self.name(edge.to))
    }

    /// The boxes of this kind, as "connection name".
    pub fn boxes(&self, kind: brokerscope_contract::EntityKind) -> Vec<String> {
        let nodes = self.0.nodes.iter().filter(|node| node.entity.kind == kind);
        nodes.map(|node| self.name(node.entity.id)).collect()
    }

    pub fn id(&self, name: &str) -> Option<EntityId> {
        let mut ids = self.0.nodes.iter().map(|node| node.entity.id);
        ids.find(|id| self.name(*id) == name)
    }

    fn name(&self, id: EntityId) -> String {
        let node = self.0.nodes.iter().find(|node| node.entity.id == id);
        let entity = &node.expect("what an edge leads to is a node").entity;
        let mut connections = self.0.connections.iter();
        let connection = connections.find(|connection| connection.id == entity.connection);
        format!("{} {}", connection.expect("its connection is named").name, entity.name)
    }
}
