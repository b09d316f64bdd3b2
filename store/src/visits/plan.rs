//! What one visit changes, before anything of it is written.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use brokerscope_contract::{CheckResult, Cost, EntityId, EntityKey, MetricId, Timestamp};

use crate::catalogue::Place;
use crate::catalogue::connection::Edge;

/// Everything that one visit changes. Owns what it needs, so that writing it can outlive the caller.
pub(crate) struct Plan {
    pub at: Timestamp,
    /// Whether the broker answered; if not, all that is known is that.
    pub answered: bool,
    /// Every entity that the snapshot names.
    pub ids: HashMap<EntityKey, EntityId>,
    /// Entities named for the first time, described or not.
    pub created: Vec<(EntityId, Arc<EntityKey>)>,
    /// What the broker says about entities that are new or said to be different.
    pub described: HashMap<EntityId, Description>,
    /// Seen on this visit: described or measured.
    pub seen: HashSet<EntityId>,
    /// Known as deleted, and back.
    pub revived: Vec<EntityId>,
    /// Gone with this visit.
    pub deleted: Vec<EntityId>,
    /// Named by a link or as a parent only, while the list of their kind says that they do not exist.
    pub absent: HashSet<EntityId>,
    pub new_lanes: Vec<(i64, MetricId)>,
    pub occupied: Vec<(Place, EntityId)>,
    /// What was measured at one time each, in the order in which it is stored: the visit itself, then what it told of
    /// the past.
    pub ticks: Vec<Tick>,
    pub links: Option<LinkChanges>,
    pub checks: Vec<PlannedCheck>,
    pub cost: Cost,
    /// Set when what was said about the connection as a whole is not what was said before.
    pub answer: Option<Answer>,
}

/// The values of one time, as a row of the table `ticks`.
pub(crate) struct Tick {
    pub at: Timestamp,
    pub data: Vec<u8>,
}

pub(crate) struct Description {
    pub parent: Option<EntityId>,
    pub internal: bool,
    pub attributes: String,
    /// As JSON.
    pub stands_for: Option<String>,
    pub hash: u64,
}

pub(crate) struct LinkChanges {
    /// Row ids.
    pub removed: Vec<i64>,
    pub added: Vec<Edge>,
}

pub(crate) struct PlannedCheck {
    pub entity: EntityId,
    pub result: CheckResult,
    pub since: Timestamp,
    /// The status is not what it was.
    pub changed: bool,
}

/// What is said about the connection as a whole, as JSON.
pub(crate) struct Answer {
    pub server: String,
    pub warnings: String,
    pub hash: u64,
}

/// Of a row in the table `answers`. Only compared with hashes of the same process.
pub(crate) fn answer_hash(server: &str, warnings: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (server, warnings).hash(&mut hasher);
    hasher.finish()
}
