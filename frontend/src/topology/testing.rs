//! Nodes and edges for tests.

use brokerscope_contract::api::entities::VerdictCount;
use brokerscope_contract::api::topology::{EdgeView, GroupView, NodeView, Topology};
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
        count: 1,
        verdict: Verdict::Ok,
        seen: rate.is_some_and(|rate| rate > 0.0),
        crosses: false,
    }
}

/// Queues; each seems to hold ten messages and is one of the worst.
pub fn group(id: i64, prefix: &str, verdicts: &[(Verdict, usize)]) -> GroupView {
    let worst: Vec<NodeView> = (1..=3)
        .map(|number| node(1_000 + number, EntityKind::Queue, &format!("{prefix}q{number}")))
        .collect();
    GroupView {
        id: EntityId(id),
        connection: ConnectionId(1),
        system: System::RabbitMq,
        kind: EntityKind::Queue,
        scope: "/".into(),
        prefix: prefix.into(),
        count: verdicts.iter().map(|(_, count)| count).sum(),
        verdicts: verdicts
            .iter()
            .map(|(verdict, count)| VerdictCount {
                verdict: *verdict,
                count: *count,
            })
            .collect(),
        waiting: Some(10.0 * worst.len() as f64),
        worst,
    }
}

pub fn topology(nodes: Vec<NodeView>, edges: Vec<EdgeView>) -> Topology {
    Topology {
        total: nodes.len(),
        matching: nodes.len(),
        nodes,
        edges,
        ..Topology::default()
    }
}
