//! What one visit to a broker brings home. Partial truth is a snapshot with warnings.

use serde::{Deserialize, Serialize};

use crate::{Absence, CheckResult, Entity, EntityKey, EntityKind, Link, Method, MetricId, Timestamp};

/// Everything learnt on one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Snapshot {
    pub at: Timestamp,
    pub server: ServerInfo,
    /// Entities described on this visit, new or refreshed. What is known already need not be repeated.
    pub entities: Vec<Entity>,
    /// Kinds of which `entities` is the whole list: anything else of that kind no longer exists.
    /// An entity that was seen only through an incomplete answer keeps its last values and becomes stale.
    pub complete: Vec<EntityKind>,
    /// The whole set of links, or nothing when they were not asked for on this visit.
    pub links: Option<Vec<Link>>,
    /// Measured values. Only what was measured: a missing value is left out and explained by a warning.
    pub samples: Vec<Sample>,
    /// Values with times of their own, of a broker that reports late or keeps a past.
    #[serde(default)]
    pub history: Vec<History>,
    pub checks: Vec<CheckResult>,
    pub warnings: Vec<Warning>,
    pub cost: Cost,
}

impl Snapshot {
    /// A snapshot that says nothing yet.
    pub fn empty(at: Timestamp) -> Snapshot {
        Snapshot {
            at,
            server: ServerInfo::default(),
            entities: Vec::new(),
            complete: Vec::new(),
            links: None,
            samples: Vec::new(),
            history: Vec::new(),
            checks: Vec::new(),
            warnings: Vec::new(),
            cost: Cost::default(),
        }
    }
}

/// One measured value of one entity. Counters are raw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Sample {
    pub entity: EntityKey,
    pub metric: MetricId,
    pub value: f64,
    /// For derived figures: how it was obtained. `None` is a plain measurement.
    pub method: Option<Method>,
}

impl Sample {
    pub fn new(entity: EntityKey, metric: MetricId, value: f64) -> Sample {
        Sample {
            entity,
            metric,
            value,
            method: None,
        }
    }
}

/// Values of one series that were measured before the visit, each with its own time, ascending.
///
/// They may be told again, because clouds correct their last points: a value of the same time replaces the one before.
/// Of a counter, whatever was told from that time on is replaced as well, so a repeated stretch must reach up to the
/// newest point. They never describe the present: an entity that only has a history was not seen on this visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct History {
    pub entity: EntityKey,
    pub metric: MetricId,
    pub points: Vec<(Timestamp, f64)>,
}

/// Something the visit could not learn, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Warning {
    pub reason: Absence,
    /// The metrics that are missing because of it; empty when it is about something else.
    pub metrics: Vec<MetricId>,
    /// The one entity that it is about; `None` for the whole connection.
    pub entity: Option<EntityKey>,
    /// What is missing and why, in one sentence.
    pub text: String,
    /// What a person can do about it.
    pub remedy: Option<String>,
}

/// What the broker says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ServerInfo {
    /// The broker's version, e.g. "4.3.6".
    pub version: Option<String>,
    pub cluster_name: Option<String>,
    /// Nodes that answered or are known.
    pub nodes: Option<u32>,
    /// How the collector works at this size, e.g. "per-queue metrics every 15 s".
    pub tier: Option<String>,
    /// Where clients of this broker reach it, as far as it is known: `host:port`, in lower case, `localhost` for every
    /// loopback address, without any login. Of NATS also the JetStream domain, as `domain NAME`. What leads to one of
    /// them from another connection leads here.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// What the visit cost the broker and the network.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Cost {
    pub requests: u32,
    /// Bytes received, as far as the client library tells.
    pub bytes: u64,
    pub seconds: f64,
}
