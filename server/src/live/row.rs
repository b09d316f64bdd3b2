//! One row of a table.

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::entities::EntityRow;

use super::figure::Figure;
use super::{Connection, Entity};

impl Connection {
    pub(super) fn row(&self, entity: &Entity, now: Timestamp) -> EntityRow {
        let figure = |figure| self.figure(entity, figure, now);
        EntityRow {
            entity: entity.reference(self.known.id),
            connection_name: self.known.name.clone(),
            system: self.known.system,
            internal: entity.internal,
            judgement: self.entity_judgement(entity, now),
            depth: figure(Figure::Depth),
            in_flight: figure(Figure::InFlight),
            lag: figure(Figure::Lag),
            lag_seconds: figure(Figure::LagSeconds),
            oldest_age: figure(Figure::OldestAge),
            rate_in: figure(Figure::RateIn),
            rate_out: figure(Figure::RateOut),
            consumers: figure(Figure::Consumers),
            dead_letter: self
                .edges
                .dead_letter_target(entity.id)
                .and_then(|target| self.entities.get(target))
                .map(|target| target.reference(self.known.id)),
            line: entity.line.as_ref().map(|line| line.line(now)).unwrap_or_default(),
        }
    }
}
