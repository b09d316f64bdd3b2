//! All connections as one graph: what neighbours what, also over the bridges between them.

use std::collections::{HashSet, VecDeque};

use brokerscope_contract::api::topology::{ConnectionName, EdgeView, NodeView};
use brokerscope_contract::{EntityId, Role, Timestamp, Verdict, metrics};

use super::figure::Figure;
use super::gather::Boxes;
use super::join::{Joins, Place};
use super::links::Edge;
use super::rows::verdict_of;
use super::{Connection, Entity};

pub(super) struct Graph<'a> {
    pub connections: Vec<&'a Connection>,
    pub now: Timestamp,
    pub joins: Joins,
    /// Of each connection, whether its judgements still hold.
    fresh: Vec<bool>,
}

impl<'a> Graph<'a> {
    pub fn of(connections: Vec<&'a Connection>, now: Timestamp) -> Graph<'a> {
        Graph {
            joins: Joins::of(&connections),
            fresh: connections.iter().map(|connection| connection.is_fresh(now)).collect(),
            connections,
            now,
        }
    }

    pub fn connection(&self, place: Place) -> &'a Connection {
        self.connections[place.connection]
    }

    pub fn entity(&self, place: Place) -> Option<&'a Entity> {
        self.connection(place).entities.get(place.entity)
    }

    pub fn find(&self, entity: EntityId) -> Option<Place> {
        let mut connections = self.connections.iter();
        let connection = connections.position(|connection| connection.entities.contains(entity))?;
        Some(Place { connection, entity })
    }

    /// Of what is known at `home`, what it really is.
    pub fn real(&self, home: usize, entity: EntityId) -> Place {
        let connection = home;
        self.joins.real(entity).unwrap_or(Place { connection, entity })
    }

    /// Whether what is known at `home` still holds.
    pub fn is_fresh(&self, home: usize) -> bool {
        self.fresh[home]
    }

    pub fn verdict(&self, place: Place) -> Verdict {
        let entity = self.entity(place);
        entity.map_or(Verdict::Unknown, |entity| self.verdict_of(place.connection, entity))
    }

    pub fn verdict_of(&self, home: usize, entity: &Entity) -> Verdict {
        verdict_of(entity, self.fresh[home])
    }

    /// What the graph can show of one connection, without far ends that are shown as what they are.
    pub fn nodes(&self, connection: usize) -> impl Iterator<Item = &'a Entity> {
        [Role::Service, Role::Destination, Role::Subscription]
            .into_iter()
            .flat_map(move |role| self.connections[connection].existing(role))
            .filter(|entity| self.joins.real(entity.id).is_none())
    }

    /// What is one step away, in either direction.
    pub fn neighbours(&self, place: Place) -> impl Iterator<Item = Place> {
        let far_ends = self.joins.far_ends(place.entity).iter().copied();
        std::iter::once(place).chain(far_ends).flat_map(move |end| {
            let edges = self.connection(end).edges.of(end.entity);
            let others = edges.map(move |edge| if edge.from == end.entity { edge.to } else { edge.from });
            others
                .map(move |other| self.real(end.connection, other))
                .filter(move |other| *other != place && self.is_shown(*other))
        })
    }

    /// Of these, the ones in other connections.
    pub fn neighbours_elsewhere(&self, place: Place) -> impl Iterator<Item = Place> {
        let elsewhere = move |other: &Place| other.connection != place.connection;
        // Without bridges there is nobody, which need not be looked for.
        let some = !self.joins.is_empty();
        some.then(|| self.neighbours(place).filter(elsewhere))
            .into_iter()
            .flatten()
    }

    fn is_shown(&self, place: Place) -> bool {
        self.entity(place)
            .is_some_and(|entity| entity.exists() && is_node(entity))
    }

    /// What is within so many steps, in either direction. A part counts as what it belongs to, a far end as what it
    /// is. With `within`, what is in another connection is reached and not gone on from.
    pub fn around(&self, start: Place, hops: usize, within: Option<usize>) -> HashSet<Place> {
        let connection = self.connection(start);
        let mut focus = self.entity(start);
        while let Some(part) = focus.filter(|entity| !is_node(entity)) {
            focus = part.parent.and_then(|parent| connection.entities.get(parent));
        }
        let Some(focus) = focus else {
            return HashSet::new();
        };
        let focus = self.real(start.connection, focus.id);
        let mut reached = HashSet::from([focus]);
        let mut next = VecDeque::from([(focus, 0)]);
        while let Some((place, distance)) = next.pop_front() {
            if distance == hops || within.is_some_and(|connection| place.connection != connection) {
                continue;
            }
            for neighbour in self.neighbours(place) {
                if reached.insert(neighbour) {
                    next.push_back((neighbour, distance + 1));
                }
            }
        }
        reached
    }

    /// One entity and what is one step away, for its own page.
    pub fn neighbourhood(&self, place: Place) -> (Vec<NodeView>, Vec<EdgeView>, Vec<ConnectionName>) {
        if !self.entity(place).is_some_and(is_node) {
            return Default::default();
        }
        let around = self.around(place, 1, None);
        let boxes = Boxes::of_ids(around.iter().map(|place| place.entity), &self.joins);
        let mut nodes: Vec<(Place, &Entity)> = around
            .iter()
            .filter_map(|place| Some((*place, self.entity(*place)?)))
            .collect();
        nodes.sort_unstable_by(|(a, first), (b, second)| (a.connection, &first.key).cmp(&(b.connection, &second.key)));
        let nodes = nodes
            .into_iter()
            .map(|(place, entity)| self.node(place.connection, entity, &boxes));
        let beginnings = around.iter().flat_map(|place| {
            let far_ends = self.joins.far_ends(place.entity).iter();
            std::iter::once(place).chain(far_ends)
        });
        let mut edges: Vec<(usize, u32, &Edge)> = beginnings
            .flat_map(|place| {
                let edges = self.connection(*place).edges.starting_at(place.entity);
                edges.map(|(index, edge)| (place.connection, index, edge))
            })
            .collect();
        edges.sort_unstable_by_key(|(connection, index, _)| (*connection, *index));
        let edges = edges.into_iter().map(|(connection, _, edge)| (connection, edge));
        let connections = around.iter().map(|place| place.connection);
        (nodes.collect(), self.lines(edges, &boxes), self.names(connections))
    }

    /// The names of these connections, in their order.
    pub fn names(&self, connections: impl Iterator<Item = usize>) -> Vec<ConnectionName> {
        let mut connections: Vec<usize> = connections.collect::<HashSet<_>>().into_iter().collect();
        connections.sort_unstable();
        let name = |index: usize| {
            let known = &self.connections[index].known;
            ConnectionName {
                id: known.id,
                name: known.name.clone(),
            }
        };
        connections.into_iter().map(name).collect()
    }

    pub fn node(&self, home: usize, entity: &Entity, boxes: &Boxes) -> NodeView {
        let (connection, now) = (self.connections[home], self.now);
        let judgement = connection.entity_judgement(entity, now);
        let place = Place {
            connection: home,
            entity: entity.id,
        };
        let outside: HashSet<Place> = self
            .neighbours(place)
            .filter(|place| boxes.shown_as(place.entity).is_none())
            .collect();
        NodeView {
            entity: entity.reference(connection.known.id),
            system: connection.known.system,
            verdict: judgement.verdict,
            sentence: judgement.sentence,
            waiting: connection.first_reading(entity, Entity::WAITING, now),
            lag_seconds: connection.first_reading(entity, &[metrics::LAG_SECONDS, metrics::OLDEST_AGE], now),
            rate_in: connection.figure(entity, Figure::RateIn, now),
            hidden_neighbours: outside.len(),
        }
    }

    /// All edges between boxes, those of the same kind between the same two as one.
    pub fn all_lines(&self, boxes: &Boxes) -> Vec<EdgeView> {
        let connections = self.connections.iter().enumerate();
        let edges =
            connections.flat_map(|(home, connection)| connection.edges.all().iter().map(move |edge| (home, edge)));
        self.lines(edges, boxes)
    }
}

pub(super) fn is_node(entity: &Entity) -> bool {
    matches!(entity.role(), Role::Destination | Role::Subscription | Role::Service)
}
