//! One connection in memory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use brokerscope_contract::{
    Attribute, CheckId, ConnectionId, Elsewhere, EntityId, EntityKey, Evidence, LinkKind, MetricId, Status, Timestamp,
};

use crate::samples::codec::Corrupt;
use crate::samples::codec::row::WIDTH;
use crate::samples::lane::{Lane, Slot};
use crate::samples::tick;

/// Where a series is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index into [`Connection::lanes`].
    pub lane: usize,
    pub slot: usize,
}

/// What must be known of an entity to write about it.
#[derive(Debug)]
pub(crate) struct Known {
    pub key: Arc<EntityKey>,
    /// Of what the broker says about it, to notice a change; see [`description_hash`].
    pub description: u64,
    pub deleted_at: Option<Timestamp>,
    pub last_seen: Timestamp,
    /// The `last_seen` in the database: it is not worth a write per visit.
    pub stored_last_seen: Timestamp,
    pub series: Vec<(MetricId, Place)>,
}

/// A link by the ids of its ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Edge {
    pub from: EntityId,
    pub to: EntityId,
    pub kind: LinkKind,
    pub label: Option<String>,
    pub evidence: Evidence,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub id: ConnectionId,
    pub revision: u64,
    pub visited_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ids: HashMap<Arc<EntityKey>, EntityId>,
    pub known: HashMap<EntityId, Known>,
    pub lanes: Vec<Lane>,
    lane_index: HashMap<i64, usize>,
    /// Rows of the table `links`.
    pub links: HashMap<Edge, i64>,
    /// The status of each check and since when.
    pub checks: HashMap<(EntityId, CheckId), (Status, Timestamp)>,
    /// Of the row in the table `answers`, to notice a change.
    pub answer: u64,
    /// Ticks since the last seal began.
    pub head_ticks: usize,
    /// The time of the first of them.
    pub head_since: Option<Timestamp>,
    /// The newest tick that was stored.
    pub newest_tick: i64,
}

impl Connection {
    pub fn new(id: ConnectionId) -> Connection {
        Connection {
            id,
            revision: 0,
            visited_at: None,
            answered_at: None,
            ids: HashMap::new(),
            known: HashMap::new(),
            lanes: Vec::new(),
            lane_index: HashMap::new(),
            links: HashMap::new(),
            checks: HashMap::new(),
            answer: 0,
            head_ticks: 0,
            head_since: None,
            newest_tick: 0,
        }
    }

    pub fn place(&self, entity: EntityId, metric: MetricId) -> Option<Place> {
        self.known.get(&entity)?.place(metric)
    }

    pub fn add_entity(&mut self, id: EntityId, known: Known) {
        self.ids.insert(known.key.clone(), id);
        self.known.insert(id, known);
    }

    pub fn add_lane(&mut self, lane: Lane) {
        self.lane_index.insert(lane.id, self.lanes.len());
        self.lanes.push(lane);
    }

    /// Gives the slot to the entity's series of the lane's metric.
    pub fn occupy(&mut self, place: Place, entity: EntityId) {
        let Some(lane) = self.lanes.get_mut(place.lane) else {
            return;
        };
        let known = self.known.get_mut(&entity);
        while lane.slots.len() <= place.slot {
            lane.slots.push(Slot::default());
        }
        lane.slots[place.slot] = Slot {
            entity: Some(entity),
            live: known.as_ref().is_some_and(|known| known.deleted_at.is_none()),
            last: None,
        };
        if let (Some(known), Some(metric)) = (known, lane.metric) {
            known.series.push((metric, place));
        }
    }

    /// Marks the entity as gone or as back.
    pub fn set_deleted(&mut self, entity: EntityId, deleted_at: Option<Timestamp>) {
        let Some(known) = self.known.get_mut(&entity) else {
            return;
        };
        known.deleted_at = deleted_at;
        for (_, place) in &known.series {
            if let Some(slot) = self
                .lanes
                .get_mut(place.lane)
                .and_then(|lane| lane.slots.get_mut(place.slot))
            {
                slot.live = deleted_at.is_none();
            }
        }
    }

    /// Adds a stored tick to the lanes; see [`tick::replay`] for what an error means.
    pub fn replay(&mut self, id: i64, at: Timestamp, data: &[u8]) -> Result<(), Corrupt> {
        tick::replay(
            &mut self.lanes,
            |lane| self.lane_index.get(&lane).copied(),
            id,
            at.0,
            data,
        )?;
        self.newest_tick = id;
        self.head_ticks += 1;
        self.head_since.get_or_insert(at);
        Ok(())
    }

    /// The slots of a metric that nobody uses, those of fuller lanes first.
    pub fn free_slots(&self, metric: MetricId) -> Vec<Place> {
        let mut free = Vec::new();
        for (lane, content) in self
            .lanes
            .iter()
            .enumerate()
            .filter(|(_, lane)| lane.metric == Some(metric))
        {
            let is_free = |slot: &usize| content.slots.get(*slot).is_none_or(|slot| slot.entity.is_none());
            free.extend((0..WIDTH).filter(is_free).map(|slot| Place { lane, slot }));
        }
        free
    }

    pub fn pending_samples(&self) -> u64 {
        self.lanes.iter().map(Lane::pending_samples).sum()
    }

    pub fn pending_bytes(&self) -> usize {
        self.lanes.iter().map(Lane::pending_bytes).sum()
    }
}

impl Known {
    pub fn place(&self, metric: MetricId) -> Option<Place> {
        self.series
            .iter()
            .find(|(known, _)| *known == metric)
            .map(|(_, place)| *place)
    }
}

/// Changes when what the broker says about an entity changes. Only compared with hashes of the same process.
pub(crate) fn description_hash(
    parent: Option<EntityId>,
    internal: bool,
    attributes: &[Attribute],
    stands_for: Option<&Elsewhere>,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    (parent, internal, stands_for).hash(&mut hasher);
    for attribute in attributes {
        (&attribute.name, &attribute.value, &attribute.note).hash(&mut hasher);
    }
    hasher.finish()
}
