//! One row of a table.

use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::{EntityKind, Timestamp, metrics};

use super::{Connection, Entity};

impl Connection {
    pub(super) fn row(&self, entity: &Entity, now: Timestamp) -> EntityRow {
        let reading = |metric| self.reading(entity, metric, now);
        EntityRow {
            entity: entity.reference(self.known.id),
            connection_name: self.known.name.clone(),
            system: self.known.system,
            internal: entity.internal,
            judgement: self.entity_judgement(entity, now),
            depth: reading(metrics::DEPTH),
            in_flight: reading(metrics::IN_FLIGHT),
            lag: reading(metrics::LAG),
            lag_seconds: reading(metrics::LAG_SECONDS),
            oldest_age: reading(metrics::OLDEST_AGE),
            rate_in: self.rate_in(entity, now),
            rate_out: self.first_reading(entity, Entity::OUT, now),
            consumers: reading(metrics::CONSUMERS),
            dead_letter: self
                .edges
                .dead_letter_target(entity.id)
                .and_then(|target| self.entities.get(&target))
                .map(|target| target.reference(self.known.id)),
            line: entity.line.as_ref().map(|line| line.line(now)).unwrap_or_default(),
        }
    }

    pub(super) fn rate_in(&self, entity: &Entity, now: Timestamp) -> brokerscope_contract::Reading {
        let candidates = match entity.kind() {
            // Only what arrives in what it reads is known of a group, and that is the topic's number.
            EntityKind::ConsumerGroup => &Entity::IN[..1],
            _ => Entity::IN,
        };
        self.first_reading(entity, candidates, now)
    }
}
