//! One queue, topic, group, node or part in memory.

use std::sync::Arc;

use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{
    Attribute, ConnectionId, Elsewhere, EntityId, EntityKey, EntityKind, Judgement, MetricId, Role, Timestamp, metrics,
};

use super::Readings;
use super::spark::Spark;

#[derive(Debug, Clone)]
pub struct Entity {
    pub id: EntityId,
    pub key: Arc<EntityKey>,
    pub parent: Option<EntityId>,
    /// Shared with all entities that have the same ones: thousands of queues differ in nothing but their name.
    pub attributes: Arc<[Attribute]>,
    pub internal: bool,
    /// Where the real one is, when this is only what is known of it here.
    pub stands_for: Option<Box<Elsewhere>>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Set when the broker no longer has it.
    pub deleted_at: Option<Timestamp>,
    pub readings: Readings,
    pub judgement: Option<Judgement>,
    /// The last hour; only what has a row in a table has one.
    pub(super) line: Option<Box<Spark>>,
}

impl Entity {
    pub fn new(id: EntityId, key: Arc<EntityKey>, at: Timestamp) -> Entity {
        Entity {
            id,
            key,
            parent: None,
            attributes: Arc::default(),
            internal: false,
            stands_for: None,
            first_seen: at,
            last_seen: at,
            deleted_at: None,
            readings: Readings::default(),
            judgement: None,
            line: None,
        }
    }

    pub fn kind(&self) -> EntityKind {
        self.key.kind
    }

    pub fn role(&self) -> Role {
        self.key.kind.role()
    }

    pub fn exists(&self) -> bool {
        self.deleted_at.is_none()
    }

    pub fn reference(&self, connection: ConnectionId) -> EntityRef {
        EntityRef {
            id: self.id,
            connection,
            kind: self.key.kind,
            scope: self.key.scope(),
            name: self.key.name().to_owned(),
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// The first of these metrics that has something to show.
    pub fn first_shown(&self, candidates: &[MetricId]) -> Option<MetricId> {
        candidates
            .iter()
            .copied()
            .find(|metric| self.readings.shown(*metric).is_some())
    }

    /// Messages per second that come in: published ones, or the speed of the end of the log.
    pub const IN: &[MetricId] = &[metrics::PUBLISHED, metrics::KAFKA_END_OFFSET];
    /// Messages per second that go out.
    pub const OUT: &[MetricId] = &[
        metrics::ACKNOWLEDGED,
        metrics::KAFKA_COMMITTED_OFFSET,
        metrics::DELIVERED,
    ];
    /// What waits: a destination's depth, a subscription's lag.
    pub const WAITING: &[MetricId] = &[metrics::DEPTH, metrics::LAG];

    /// What the line of the last hour shows: what waits, or for a log, in which nothing waits, what comes in.
    pub(super) fn line_metric(&self) -> Option<MetricId> {
        let has = |candidates: &[MetricId]| candidates.iter().copied().find(|metric| self.readings.has(*metric));
        match self.role() {
            Role::Destination => has(&[metrics::DEPTH]).or_else(|| has(Entity::IN)),
            Role::Subscription => has(&[metrics::LAG, metrics::DEPTH]),
            _ => None,
        }
    }

    /// Notes the present value in the line of the last hour.
    pub(super) fn draw(&mut self, at: Timestamp, bridge_minutes: i64) {
        let Some((measured, value)) = self.line_metric().and_then(|metric| self.readings.shown(metric)) else {
            return;
        };
        if measured == at {
            self.line.get_or_insert_default().put(at, value, bridge_minutes);
        }
    }
}
