//! Which entities a rule watches.

use brokerscope_contract::{ConnectionId, EntityId, EntityKind, Scope, System};

use super::glob;

/// An entity as a scope sees it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub connection: ConnectionId,
    pub system: System,
    pub kind: EntityKind,
    pub entity: EntityId,
    pub name: &'a str,
}

/// Every part of the scope that is set must match; an empty scope matches everything.
pub fn matches(scope: &Scope, candidate: &Candidate<'_>) -> bool {
    fn is<T: PartialEq>(wanted: &Option<T>, actual: &T) -> bool {
        wanted.as_ref().is_none_or(|wanted| wanted == actual)
    }
    is(&scope.connection, &candidate.connection)
        && is(&scope.system, &candidate.system)
        && is(&scope.kind, &candidate.kind)
        && is(&scope.entity, &candidate.entity)
        && scope
            .name_pattern
            .as_deref()
            .is_none_or(|pattern| glob::matches(pattern, candidate.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: Candidate<'_> = Candidate {
        connection: ConnectionId(1),
        system: System::RabbitMq,
        kind: EntityKind::Queue,
        entity: EntityId(7),
        name: "orders.created",
    };

    #[test]
    fn every_part_that_is_set_must_match() {
        let set = |change: fn(&mut Scope)| {
            let mut scope = Scope::default();
            change(&mut scope);
            matches(&scope, &QUEUE)
        };
        assert!(set(|_| {}));
        assert!(set(|scope| scope.connection = Some(ConnectionId(1))));
        assert!(!set(|scope| scope.connection = Some(ConnectionId(2))));
        assert!(!set(|scope| scope.system = Some(System::Kafka)));
        assert!(!set(|scope| scope.kind = Some(EntityKind::Topic)));
        assert!(!set(|scope| scope.entity = Some(EntityId(8))));
        assert!(set(|scope| scope.name_pattern = Some("orders.*".into())));
        assert!(!set(|scope| {
            scope.kind = Some(EntityKind::Queue);
            scope.name_pattern = Some("payments.*".into());
        }));
    }
}
