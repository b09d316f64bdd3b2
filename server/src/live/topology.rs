//! The graph of services, destinations and subscriptions.

use std::collections::{HashMap, HashSet, VecDeque};

use brokerscope_contract::api::topology::{EdgeView, NodeView, Topology, TopologyQuery};
use brokerscope_contract::{EntityId, LinkKind, Method, MetricId, Reading, Role, Timestamp, metrics};

use super::figure::Figure;
use super::links::Edge;
use super::{Connection, Entity, Live};

const USUAL_HOPS: usize = 2;

impl Live {
    pub fn topology(&self, query: &TopologyQuery, now: Timestamp) -> Topology {
        let table = self.read();
        let connections: Vec<_> = table.values().map(|shared| shared.read()).collect();
        let internal = query.internal == Some(true);
        let mut topology = Topology {
            nodes: Vec::new(),
            edges: Vec::new(),
            total: 0,
            as_of: None,
        };
        for connection in &connections {
            topology.total += connection.graph_nodes(true).count();
            if query.connection.is_some_and(|id| connection.known.id.0 != id) {
                continue;
            }
            let chosen: HashSet<EntityId> = match query.focus.map(EntityId) {
                Some(focus) => match connection.entities.get(&focus) {
                    Some(entity) => connection.around(entity, query.hops.unwrap_or(USUAL_HOPS)),
                    None => continue,
                },
                None => connection.graph_nodes(internal).map(|entity| entity.id).collect(),
            };
            if !connection.known.paused {
                topology.as_of = topology.as_of.into_iter().chain(connection.visits.answered_at).min();
            }
            let (nodes, edges) = connection.graph(&chosen, now);
            topology.nodes.extend(nodes);
            topology.edges.extend(edges);
        }
        topology
    }
}

impl Connection {
    fn graph_nodes(&self, internal: bool) -> impl Iterator<Item = &Entity> {
        self.entities
            .values()
            .filter(move |entity| entity.exists() && is_node(entity) && (internal || !entity.internal))
    }

    /// One entity and what is one step away, for its own page.
    pub(super) fn neighbourhood(&self, id: EntityId, now: Timestamp) -> (Vec<NodeView>, Vec<EdgeView>) {
        match self.entities.get(&id) {
            Some(entity) if is_node(entity) => self.graph(&self.around(entity, 1), now),
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// What is within so many steps, in either direction. A part counts as what it belongs to.
    fn around(&self, entity: &Entity, hops: usize) -> HashSet<EntityId> {
        let mut focus = entity;
        while !is_node(focus) {
            match focus.parent.and_then(|parent| self.entities.get(&parent)) {
                Some(parent) => focus = parent,
                None => return HashSet::new(),
            }
        }
        let mut reached = HashSet::from([focus.id]);
        let mut next = VecDeque::from([(focus.id, 0)]);
        while let Some((id, distance)) = next.pop_front() {
            if distance == hops {
                continue;
            }
            for neighbour in self.neighbours(id) {
                if reached.insert(neighbour) {
                    next.push_back((neighbour, distance + 1));
                }
            }
        }
        reached
    }

    fn neighbours(&self, id: EntityId) -> impl Iterator<Item = EntityId> {
        self.edges
            .of(id)
            .map(move |edge| if edge.from == id { edge.to } else { edge.from })
            .filter(|id| {
                self.entities
                    .get(id)
                    .is_some_and(|entity| entity.exists() && is_node(entity))
            })
    }

    fn graph(&self, chosen: &HashSet<EntityId>, now: Timestamp) -> (Vec<NodeView>, Vec<EdgeView>) {
        let mut nodes: Vec<&Entity> = chosen.iter().filter_map(|id| self.entities.get(id)).collect();
        // The layout keeps nodes in their places when their order is the same each time.
        nodes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let nodes = nodes.into_iter().map(|entity| self.node(entity, chosen, now)).collect();
        let degrees = Degrees::of(self.edges.all());
        let edges = self
            .edges
            .all()
            .iter()
            .filter(|edge| chosen.contains(&edge.from) && chosen.contains(&edge.to));
        (nodes, edges.map(|edge| self.edge(edge, &degrees, now)).collect())
    }

    fn node(&self, entity: &Entity, chosen: &HashSet<EntityId>, now: Timestamp) -> NodeView {
        let judgement = self.entity_judgement(entity, now);
        let outside: HashSet<EntityId> = self.neighbours(entity.id).filter(|id| !chosen.contains(id)).collect();
        NodeView {
            entity: entity.reference(self.known.id),
            system: self.known.system,
            verdict: judgement.verdict,
            sentence: judgement.sentence,
            waiting: self.first_reading(entity, Entity::WAITING, now),
            lag_seconds: self.first_reading(entity, &[metrics::LAG_SECONDS, metrics::OLDEST_AGE], now),
            rate_in: self.figure(entity, Figure::RateIn, now),
            hidden_neighbours: outside.len(),
        }
    }

    fn edge(&self, edge: &Edge, degrees: &Degrees, now: Timestamp) -> EdgeView {
        EdgeView {
            from: edge.from,
            to: edge.to,
            kind: edge.kind,
            evidence: edge.evidence,
            labels: edge.labels.clone(),
            rate: self.edge_rate(edge, degrees, now).unwrap_or(Reading {
                value: None,
                at: None,
                method: None,
                absent: Some(brokerscope_contract::Absence::NotSupported),
            }),
        }
    }

    /// Brokers count at the ends of an edge, not on it. The only edge into something carries all that comes in, the
    /// only edge out all that goes out; which is an estimate where messages also come by ways that are not drawn.
    fn edge_rate(&self, edge: &Edge, degrees: &Degrees, now: Timestamp) -> Option<Reading> {
        let (from, to) = (self.entities.get(&edge.from)?, self.entities.get(&edge.to)?);
        let (end, candidates): (&Entity, &[MetricId]) = match edge.kind {
            LinkKind::DeadLetter => (from, &[metrics::DEAD_LETTERED]),
            LinkKind::AlternateExchange => (from, &[metrics::UNROUTABLE]),
            LinkKind::Binding | LinkKind::Publishes if degrees.is_only_into(edge.to) => (to, Entity::IN),
            LinkKind::Publishes if from.first_shown(Entity::IN).is_some() => (from, Entity::IN),
            LinkKind::Subscribes if degrees.is_only_into(edge.to) => (to, Entity::OUT),
            LinkKind::Consumes | LinkKind::Delivers if degrees.is_only_out_of(edge.from) => (from, Entity::OUT),
            _ => return None,
        };
        let metric = end.first_shown(candidates)?;
        let reading = self.reading_if_any(end, metric, now)?;
        Some(Reading {
            method: Some(Method::Estimated),
            ..reading
        })
    }
}

/// How many edges carry messages into and out of each entity.
struct Degrees {
    into: HashMap<EntityId, usize>,
    out_of: HashMap<EntityId, usize>,
}

impl Degrees {
    fn of(edges: &[Edge]) -> Degrees {
        let mut degrees = Degrees {
            into: HashMap::new(),
            out_of: HashMap::new(),
        };
        for edge in edges {
            *degrees.into.entry(edge.to).or_default() += 1;
            let carries = !matches!(edge.kind, LinkKind::DeadLetter | LinkKind::AlternateExchange);
            if carries {
                *degrees.out_of.entry(edge.from).or_default() += 1;
            }
        }
        degrees
    }

    fn is_only_into(&self, id: EntityId) -> bool {
        self.into.get(&id) == Some(&1)
    }

    fn is_only_out_of(&self, id: EntityId) -> bool {
        self.out_of.get(&id) == Some(&1)
    }
}

fn is_node(entity: &Entity) -> bool {
    matches!(entity.role(), Role::Destination | Role::Subscription | Role::Service)
}
