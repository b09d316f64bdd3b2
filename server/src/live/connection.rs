//! One configured broker in memory: what it is made of, its last values, its checks and its last visits.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::api::health::CheckChange;
use brokerscope_contract::{
    Attribute, CheckDef, CheckId, Cost, EntityId, EntityKey, Judgement, Role, ServerInfo, Status, Timestamp,
};

use super::entities::Entities;
use super::index::Index;
use super::links::Edges;
use super::spark::Spark;
use super::warnings::Warnings;
use super::{Entity, Known};

/// Visits in the heartbeat.
pub const BEATS: usize = 90;
/// A check that was not made for this long is no longer made: what it is about was taken out of the settings.
pub const CHECK_KEPT_MILLIS: i64 = 2 * 60 * 60 * 1_000;
/// Changes of status kept of each check.
pub const CHANGES: usize = 20;
/// Entities that the broker no longer has stay until there are this many; then the ones gone longest are forgotten
/// here. Brokers with short-lived queues would fill the memory otherwise.
const DELETED_KEPT: usize = 2_000;

#[derive(Debug)]
pub struct Connection {
    pub known: Known,
    pub entities: Entities,
    pub ids: HashMap<Arc<EntityKey>, EntityId>,
    pub edges: Edges,
    pub checks: BTreeMap<(EntityId, CheckId), Check>,
    /// What each check means, by its id.
    pub defs: Vec<CheckDef>,
    pub visits: Visits,
    /// From the health checks, steadied; what is shown depends on freshness too, see [`super::freshness`].
    pub judgement: Option<Judgement>,
    pub totals: Totals,
    pub(super) depth_line: Spark,
    pub(super) throughput_line: Spark,
    /// Every different list of attributes once.
    attribute_lists: HashSet<Arc<[Attribute]>>,
    pub(super) index: Index,
}

/// The present state of one check and its last changes.
#[derive(Debug, Clone)]
pub struct Check {
    pub status: Status,
    pub text: String,
    pub absent: Option<brokerscope_contract::Absence>,
    pub since: Timestamp,
    pub checked_at: Timestamp,
    /// Newest first; the newest is the present state.
    pub changes: VecDeque<CheckChange>,
}

/// Sums over the whole connection after the last answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    pub destinations: usize,
    pub subscriptions: usize,
    /// Messages that wait in queues and before groups; logs are not counted, in them nothing waits.
    pub depth: Option<f64>,
    /// Messages per second into all destinations.
    pub throughput: Option<f64>,
}

/// How the last visits went.
#[derive(Debug, Default)]
pub struct Visits {
    pub answered_at: Option<Timestamp>,
    pub next_at: Option<Timestamp>,
    /// Usual milliseconds from one visit to the next.
    pub interval_millis: Option<i64>,
    pub failure: Option<Failure>,
    /// Since when what visits learn cannot be stored, and why.
    pub unstored: Option<(Timestamp, String)>,
    pub server: ServerInfo,
    pub warnings: Warnings,
    pub cost: Option<Cost>,
    /// Oldest first.
    pub beats: VecDeque<Beat>,
    pub uptime: Option<f64>,
    pub revision: u64,
}

/// Why visits fail at present.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The first visit in a row that failed.
    pub since: Timestamp,
    pub detail: String,
    pub remedy: String,
}

impl Connection {
    pub fn new(known: Known) -> Connection {
        let defs = brokerscope_collectors::factory(known.system)
            .map(|factory| factory.checks())
            .unwrap_or_default();
        Connection {
            known,
            entities: Entities::default(),
            ids: HashMap::new(),
            edges: Edges::default(),
            checks: BTreeMap::new(),
            defs,
            visits: Visits::default(),
            judgement: None,
            totals: Totals::default(),
            depth_line: Spark::default(),
            throughput_line: Spark::default(),
            attribute_lists: HashSet::new(),
            index: Index::default(),
        }
    }

    pub fn entity(&self, key: &EntityKey) -> Option<&Entity> {
        self.entities.get(*self.ids.get(key)?)
    }

    /// Entities that the broker has, of one role.
    pub fn existing(&self, role: Role) -> impl Iterator<Item = &Entity> {
        self.index
            .of_role(role)
            .filter_map(|id| self.entities.get(id))
            .filter(|entity| entity.exists())
    }

    /// Existing entities listed on the page of `parent`.
    pub fn children(&self, parent: EntityId) -> impl Iterator<Item = &Entity> {
        self.index
            .parts_of(parent)
            .filter_map(|id| self.entities.get(id))
            .filter(|entity| entity.exists())
    }

    pub(super) fn share(&mut self, attributes: &[Attribute]) -> Arc<[Attribute]> {
        if let Some(known) = self.attribute_lists.get(attributes) {
            return Arc::clone(known);
        }
        let list: Arc<[Attribute]> = attributes.into();
        self.attribute_lists.insert(Arc::clone(&list));
        list
    }

    /// Forgets what nobody can see any more.
    pub(super) fn forget(&mut self) {
        self.attribute_lists.retain(|list| Arc::strong_count(list) > 1);
        let mut deleted: Vec<_> = self
            .entities
            .iter()
            .filter_map(|entity| Some((entity.deleted_at?, entity.id)))
            .collect();
        if deleted.len() <= DELETED_KEPT {
            return;
        }
        deleted.sort_unstable();
        let gone: HashSet<EntityId> = deleted[..deleted.len() - DELETED_KEPT]
            .iter()
            .map(|(_, id)| *id)
            .collect();
        for id in &gone {
            if let Some(entity) = self.entities.remove(*id) {
                self.ids.remove(&entity.key);
            }
        }
        self.checks.retain(|(of, _), _| !gone.contains(of));
        self.index.forget(&gone);
    }

    pub(super) fn beat(&mut self, beat: Beat) {
        let beats = &mut self.visits.beats;
        if beats.len() == BEATS {
            beats.pop_front();
        }
        beats.push_back(beat);
    }
}
