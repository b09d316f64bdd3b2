//! The graph of services, destinations and subscriptions: what of it a query leaves, written out.

use std::collections::{BTreeSet, HashSet};

use brokerscope_contract::api::topology::{Topology, TopologyQuery};
use brokerscope_contract::{EntityId, Status, Timestamp};

use super::gather::{Asked, Boxes, Member, gather, is_too_much};
use super::graph::Graph;
use super::join::Place;
use super::{Connection, Entity, Live};

const USUAL_HOPS: usize = 2;

impl Live {
    pub fn topology(&self, query: &TopologyQuery, now: Timestamp) -> Topology {
        let table = self.read();
        let connections: Vec<_> = table.values().map(|shared| shared.read()).collect();
        let graph = Graph::of(connections.iter().map(|connection| &**connection).collect(), now);
        let all: Vec<Vec<&Entity>> = (0..connections.len()).map(|home| graph.nodes(home).collect()).collect();
        let Chosen { members, asked } = graph.chosen(&all, query);
        let mut topology = Topology {
            total: all.iter().map(Vec::len).sum(),
            matching: members.len(),
            ..Topology::default()
        };
        let shown: BTreeSet<usize> = members.iter().map(|member| member.home).collect();
        topology.as_of = asked
            .iter()
            .chain(&shown)
            .filter(|index| !connections[**index].known.paused)
            .filter_map(|index| connections[*index].visits.answered_at)
            .min();
        topology.connections = graph.names(shown.into_iter());
        topology.troubled = members
            .iter()
            .filter(|member| member.verdict.status() >= Status::Warning)
            .count();
        topology.gathered = query.whole != Some(true) && is_too_much(members.len());
        let boxes = match topology.gathered {
            true => gather(&members, &Asked::of(query, &graph), &graph),
            false => Boxes::of_each(&members, &graph.joins),
        };
        let mut alone: Vec<&Member<'_>> = members
            .iter()
            .filter(|member| boxes.is_alone(member.entity.id))
            .collect();
        // The layout keeps nodes in their places when their order is the same each time.
        alone.sort_unstable_by_key(|member| (member.home, &member.entity.key));
        topology.nodes = alone
            .into_iter()
            .map(|member| graph.node(member.home, member.entity, &boxes))
            .collect();
        topology.edges = graph.all_lines(&boxes);
        topology.groups = boxes.groups;
        topology
    }
}

/// What a query leaves.
struct Chosen<'a> {
    members: Vec<Member<'a>>,
    /// The connections that it is about.
    asked: Vec<usize>,
}

impl<'a> Graph<'a> {
    /// `all` is what each connection could show.
    fn chosen(&self, all: &[Vec<&'a Entity>], query: &TopologyQuery) -> Chosen<'a> {
        let is_wanted = |connection: &Connection| query.connection.is_none_or(|id| connection.known.id.0 == id);
        let wanted = |index: &usize| is_wanted(self.connections[*index]);
        let Some(focus) = query.focus.map(EntityId) else {
            let asked: Vec<usize> = (0..self.connections.len()).filter(wanted).collect();
            let members = self.whole(all, &asked, query);
            return Chosen { members, asked };
        };
        let focus = self.find(focus).filter(|place| wanted(&place.connection));
        let Some(focus) = focus else {
            return Chosen {
                members: Vec::new(),
                asked: Vec::new(),
            };
        };
        let within = query.connection.map(|_| focus.connection);
        let around = self.around(focus, query.hops.unwrap_or(USUAL_HOPS), within);
        Chosen {
            members: around.into_iter().filter_map(|place| self.member(place)).collect(),
            asked: vec![focus.connection],
        }
    }

    /// Everything in these connections, and what bridges join it to.
    fn whole(&self, all: &[Vec<&'a Entity>], asked: &[usize], query: &TopologyQuery) -> Vec<Member<'a>> {
        let is_visible = |entity: &Entity| query.internal == Some(true) || !entity.internal;
        let own = asked.iter().flat_map(|home| {
            let visible = all[*home].iter().filter(|entity| is_visible(entity));
            visible.map(|entity| self.member_of(*home, entity))
        });
        let mut members: Vec<Member<'a>> = own.collect();
        if asked.len() < self.connections.len() {
            let beyond = members.iter().flat_map(|member| {
                self.neighbours_elsewhere(Place {
                    connection: member.home,
                    entity: member.entity.id,
                })
            });
            let beyond: HashSet<Place> = beyond.filter(|place| !asked.contains(&place.connection)).collect();
            let beyond = beyond.into_iter().filter_map(|place| self.member(place));
            members.extend(beyond.filter(|member| is_visible(member.entity)));
        }
        members
    }

    fn member(&self, place: Place) -> Option<Member<'a>> {
        Some(self.member_of(place.connection, self.entity(place)?))
    }

    fn member_of(&self, home: usize, entity: &'a Entity) -> Member<'a> {
        Member {
            home,
            connection: self.connections[home],
            entity,
            verdict: self.verdict_of(home, entity),
        }
    }
}
