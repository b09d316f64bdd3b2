//! The graph of services, destinations and subscriptions: what belongs to it, and each thing in it written out.

use std::collections::{HashSet, VecDeque};

use brokerscope_contract::api::topology::{EdgeView, NodeView, Topology, TopologyQuery};
use brokerscope_contract::{EntityId, Role, Status, Timestamp, metrics};

use super::figure::Figure;
use super::gather::{Asked, Boxes, Member, gather, is_too_much};
use super::rows::verdict_of;
use super::{Connection, Entity, Live};

const USUAL_HOPS: usize = 2;

impl Live {
    pub fn topology(&self, query: &TopologyQuery, now: Timestamp) -> Topology {
        let table = self.read();
        let connections: Vec<_> = table.values().map(|shared| shared.read()).collect();
        let mut topology = Topology::default();
        let mut members: Vec<Member<'_>> = Vec::new();
        for connection in &connections {
            topology.total += connection.graph_nodes().count();
            if query.connection.is_some_and(|id| connection.known.id.0 != id) {
                continue;
            }
            let Some(chosen) = connection.chosen(query) else {
                continue;
            };
            if !connection.known.paused {
                topology.as_of = topology.as_of.into_iter().chain(connection.visits.answered_at).min();
            }
            let fresh = connection.is_fresh(now);
            members.extend(chosen.into_iter().map(|entity| Member {
                connection,
                entity,
                verdict: verdict_of(entity, fresh),
            }));
        }
        topology.matching = members.len();
        topology.troubled = members
            .iter()
            .filter(|member| member.verdict.status() >= Status::Warning)
            .count();
        topology.gathered = query.whole != Some(true) && is_too_much(members.len());
        let boxes = match topology.gathered {
            true => gather(&members, &Asked::of(query), now),
            false => Boxes::of_each(&members),
        };
        let mut alone: Vec<&Member<'_>> = members
            .iter()
            .filter(|member| boxes.is_alone(member.entity.id))
            .collect();
        // The layout keeps nodes in their places when their order is the same each time.
        alone.sort_unstable_by_key(|member| (member.connection.known.id, &member.entity.key));
        topology.nodes = alone
            .into_iter()
            .map(|member| member.connection.node(member.entity, &boxes, now))
            .collect();
        for connection in &connections {
            topology.edges.extend(connection.lines(&boxes, now));
        }
        topology.groups = boxes.groups;
        topology
    }
}

impl Connection {
    /// Everything that the graph can show.
    fn graph_nodes(&self) -> impl Iterator<Item = &Entity> {
        [Role::Service, Role::Destination, Role::Subscription]
            .into_iter()
            .flat_map(|role| self.existing(role))
    }

    /// What the query leaves; `None` when its focus is elsewhere.
    fn chosen(&self, query: &TopologyQuery) -> Option<Vec<&Entity>> {
        let Some(focus) = query.focus.map(EntityId) else {
            let internal = query.internal == Some(true);
            return Some(
                self.graph_nodes()
                    .filter(|entity| internal || !entity.internal)
                    .collect(),
            );
        };
        let focus = self.entities.get(&focus)?;
        let around = self.around(focus, query.hops.unwrap_or(USUAL_HOPS));
        Some(around.iter().filter_map(|id| self.entities.get(id)).collect())
    }

    /// One entity and what is one step away, for its own page.
    pub(super) fn neighbourhood(&self, id: EntityId, now: Timestamp) -> (Vec<NodeView>, Vec<EdgeView>) {
        let Some(entity) = self.entities.get(&id).filter(|entity| is_node(entity)) else {
            return (Vec::new(), Vec::new());
        };
        let around = self.around(entity, 1);
        let boxes = Boxes::of_ids(&around);
        let mut nodes: Vec<&Entity> = around.iter().filter_map(|id| self.entities.get(id)).collect();
        nodes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let nodes = nodes.into_iter().map(|entity| self.node(entity, &boxes, now));
        let mut edges: Vec<_> = around.iter().flat_map(|id| self.edges.starting_at(*id)).collect();
        edges.sort_unstable_by_key(|(index, _)| *index);
        let shown = edges.into_iter().filter(|(_, edge)| around.contains(&edge.to));
        (nodes.collect(), shown.map(|(_, edge)| self.edge(edge, now)).collect())
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

    pub(super) fn node(&self, entity: &Entity, boxes: &Boxes, now: Timestamp) -> NodeView {
        let judgement = self.entity_judgement(entity, now);
        let outside: HashSet<EntityId> = self
            .neighbours(entity.id)
            .filter(|id| boxes.shown_as(*id).is_none())
            .collect();
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
}

fn is_node(entity: &Entity) -> bool {
    matches!(entity.role(), Role::Destination | Role::Subscription | Role::Service)
}
