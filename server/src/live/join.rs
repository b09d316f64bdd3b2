//! Which entity of which connection the far end of a bridge is: pure, from what connections say about themselves.

use std::collections::HashMap;

use brokerscope_contract::api::entities::FarEnd;
use brokerscope_contract::{Elsewhere, EntityId, EntityKey, Site};

use super::Connection;
use super::by_id::ById;

/// An entity, and the connection that it belongs to by its place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub connection: usize,
    pub entity: EntityId,
}

/// Why the far end of a bridge stays a box of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    /// No connection watches that broker.
    NotWatched,
    /// That broker is watched, and has no such thing; or the connection is not told of it.
    NotThere,
    /// What fits is what it is connected to here, so that the edge would lead from something to itself.
    Itself,
    /// Several brokers go by that address and have a thing of that name. Rather no edge than a wrong one.
    Ambiguous,
}

/// All far ends that are watched themselves.
#[derive(Debug, Default)]
pub(super) struct Joins {
    real: ById<Place>,
    /// The same the other way round.
    far_ends: ById<Vec<Place>>,
}

impl Joins {
    pub fn of(connections: &[&Connection]) -> Joins {
        let mut joins = Joins::default();
        // Most have no bridge at all.
        if connections
            .iter()
            .all(|connection| connection.far_ends().next().is_none())
        {
            return joins;
        }
        let sites = Sites::of(connections);
        for (home, connection) in connections.iter().enumerate() {
            for (entity, elsewhere) in connection.far_ends() {
                let place = Place {
                    connection: home,
                    entity,
                };
                if let Ok(real) = sites.find(place, elsewhere) {
                    joins.real.insert(entity, real);
                    joins.far_ends.entry(real.entity).or_default().push(place);
                }
            }
        }
        joins
    }

    pub fn is_empty(&self) -> bool {
        self.real.is_empty()
    }

    /// What a far end really is.
    pub fn real(&self, far_end: EntityId) -> Option<Place> {
        self.real.get(&far_end).copied()
    }

    /// What other connections know of this entity.
    pub fn far_ends(&self, real: EntityId) -> &[Place] {
        self.far_ends.get(&real).map_or(&[], Vec::as_slice)
    }

    /// Each far end with what it really is.
    pub fn all(&self) -> impl Iterator<Item = (EntityId, Place)> {
        self.real.iter().map(|(far_end, real)| (*far_end, *real))
    }

    /// Leaves this one apart, for its own page.
    pub fn part(&mut self, far_end: EntityId) {
        if let Some(real) = self.real.remove(&far_end)
            && let Some(others) = self.far_ends.get_mut(&real.entity)
        {
            others.retain(|other| other.entity != far_end);
        }
    }
}

/// Who is reached where.
pub(super) struct Sites<'a> {
    connections: &'a [&'a Connection],
    by_address: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Sites<'a> {
    pub fn of(connections: &'a [&'a Connection]) -> Sites<'a> {
        let mut by_address: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, connection) in connections.iter().enumerate() {
            for address in &connection.visits.server.addresses {
                let known = by_address.entry(address).or_default();
                if known.last() != Some(&index) {
                    known.push(index);
                }
            }
        }
        Sites {
            connections,
            by_address,
        }
    }

    /// What a far end really is.
    pub fn find(&self, far_end: Place, elsewhere: &Elsewhere) -> Result<Place, Apart> {
        let real = self.fitting(far_end.connection, elsewhere)?;
        let mut edges = self.connections[far_end.connection].edges.of(far_end.entity);
        match edges.any(|edge| edge.from == real.entity || edge.to == real.entity) {
            true => Err(Apart::Itself),
            false => Ok(real),
        }
    }

    fn fitting(&self, home: usize, elsewhere: &Elsewhere) -> Result<Place, Apart> {
        let watching = self.watching(elsewhere);
        let missing = match (watching.is_empty(), &elsewhere.at) {
            (false, Site::Addresses(_) | Site::Cluster(_)) => Apart::NotThere,
            _ => Apart::NotWatched,
        };
        let having: Vec<Place> = watching
            .into_iter()
            .filter_map(|connection| {
                let entity = self.connections[connection].real_entity(&elsewhere.keys)?;
                Some(Place { connection, entity })
            })
            .collect();
        // What belongs to the same connection is not looked for in another one.
        if let Some(own) = having.iter().find(|place| place.connection == home) {
            return Ok(*own);
        }
        // The same broker may be watched twice: then the one that is visited stands for both, of two the older one.
        let is_paused = |place: &&Place| self.connections[place.connection].known.paused;
        let first = having.iter().find(|place| !is_paused(place)).or(having.first());
        let first = *first.ok_or(missing)?;
        let is_same = |place: &Place| match elsewhere.at {
            Site::Anywhere => true,
            _ => self.is_same_broker(first.connection, place.connection),
        };
        match having.iter().all(is_same) {
            true => Ok(first),
            false => Err(Apart::Ambiguous),
        }
    }

    /// The connections that may have it, oldest first.
    fn watching(&self, elsewhere: &Elsewhere) -> Vec<usize> {
        let all = 0..self.connections.len();
        let of_system = |index: &usize| self.connections[*index].known.system == elsewhere.system;
        match &elsewhere.at {
            Site::Addresses(addresses) => {
                let known = addresses
                    .iter()
                    .filter_map(|address| self.by_address.get(address.as_str()));
                let mut found: Vec<usize> = known.flatten().copied().filter(of_system).collect();
                found.sort_unstable();
                found.dedup();
                found
            }
            Site::Cluster(name) => {
                let named = |index: &usize| self.connections[*index].visits.server.cluster_name.as_ref() == Some(name);
                all.filter(of_system).filter(named).collect()
            }
            Site::Anywhere => all.filter(of_system).collect(),
        }
    }

    /// It calls itself by the same name at the same address.
    fn is_same_broker(&self, a: usize, b: usize) -> bool {
        let [a, b] = [a, b].map(|index| &self.connections[index].visits.server);
        let shared = || a.addresses.iter().any(|address| b.addresses.contains(address));
        std::ptr::eq(a, b) || a.cluster_name.is_some() && a.cluster_name == b.cluster_name && shared()
    }
}

impl Connection {
    /// Existing entities that stand for something elsewhere.
    fn far_ends(&self) -> impl Iterator<Item = (EntityId, &Elsewhere)> {
        self.index.far_ends().filter_map(|id| {
            let entity = self.entities.get(id).filter(|entity| entity.exists())?;
            Some((id, entity.stands_for.as_deref()?))
        })
    }

    /// The first of these that the broker has, and that is not itself a far end.
    fn real_entity(&self, keys: &[EntityKey]) -> Option<EntityId> {
        let known = keys.iter().filter_map(|key| self.entity(key));
        let mut real = known.filter(|entity| entity.exists() && entity.stands_for.is_none());
        real.next().map(|entity| entity.id)
    }
}

impl From<Apart> for FarEnd {
    fn from(apart: Apart) -> FarEnd {
        match apart {
            Apart::NotWatched => FarEnd::NotWatched,
            Apart::NotThere => FarEnd::NotThere,
            Apart::Itself => FarEnd::Itself,
            Apart::Ambiguous => FarEnd::Ambiguous,
        }
    }
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
