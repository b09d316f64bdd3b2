//! Nodes and edges for tests.

use brokerscope_contract::api::topology::{EdgeView, NodeView, Topology};
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{
    Absence, ConnectionId, EntityId, EntityKind, Evidence, LinkKind, Reading, System, Timestamp, Verdict,
};

pub fn node(id: i64, kind: EntityKind, name: &str) -> NodeView {
    NodeView {
        entity: EntityRef {
            id: EntityId(id),
            connection: ConnectionId(1),
            kind,
            scope: "/".into(),
            name: name.into(),
        },
        system: System::RabbitMq,
        verdict: Verdict::Ok,
        sentence: String::new(),
        waiting: Reading::absent(Absence::NoData),
        lag_seconds: Reading::absent(Absence::NoData),
        rate_in: Reading::absent(Absence::NoData),
        hidden_neighbours: 0,
    }
}

pub fn edge(from: i64, to: i64, kind: LinkKind, rate: Option<f64>) -> EdgeView {
    EdgeView {
        from: EntityId(from),
        to: EntityId(to),
        kind,
        evidence: Evidence::Declared,
        labels: Vec::new(),
        rate: match rate {
            Some(rate) => Reading::measured(rate, Timestamp(0)),
            None => Reading::absent(Absence::NotSupported),
        },
    }
}

pub fn topology(nodes: Vec<NodeView>, edges: Vec<EdgeView>) -> Topology {
    Topology {
        total: nodes.len(),
        nodes,
        edges,
        as_of: None,
    }
}
