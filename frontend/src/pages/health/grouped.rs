//! Checks by the node or cluster that they are about, the worst first.

use std::cmp::Reverse;

use brokerscope_contract::api::health::CheckView;
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{EntityKind, Status};

#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub entity: EntityRef,
    pub worst: Status,
    pub checks: Vec<CheckView>,
}

/// Groups with their worst check first; among equals the cluster, then by name.
pub fn grouped(checks: &[CheckView]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for check in checks {
        match groups.iter_mut().find(|group| group.entity.id == check.entity.id) {
            Some(group) => group.checks.push(check.clone()),
            None => groups.push(Group {
                entity: check.entity.clone(),
                worst: Status::Ok,
                checks: vec![check.clone()],
            }),
        }
    }
    for group in &mut groups {
        group.checks.sort_by_key(|check| Reverse(check.status));
        group.worst = group.checks.first().map_or(Status::Ok, |check| check.status);
    }
    groups.sort_by(|a, b| {
        let rank = |group: &Group| (Reverse(group.worst), group.entity.kind != EntityKind::Cluster);
        rank(a).cmp(&rank(b)).then_with(|| a.entity.name.cmp(&b.entity.name))
    });
    groups
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{CheckDef, ConnectionId, EntityId, Timestamp};

    use super::*;

    fn check(id: i64, kind: EntityKind, status: Status) -> CheckView {
        CheckView {
            entity: EntityRef {
                id: EntityId(id),
                connection: ConnectionId(1),
                kind,
                scope: String::new(),
                name: format!("n{id}"),
            },
            def: CheckDef::new("c", "C", "M.", "R."),
            status,
            text: String::new(),
            absent: None,
            since: Timestamp(0),
            checked_at: Timestamp(0),
            history: Vec::new(),
        }
    }

    #[test]
    fn the_worst_group_and_its_worst_check_come_first() {
        let groups = grouped(&[
            check(2, EntityKind::Node, Status::Ok),
            check(1, EntityKind::Cluster, Status::Ok),
            check(3, EntityKind::Node, Status::Ok),
            check(3, EntityKind::Node, Status::Critical),
            check(2, EntityKind::Node, Status::Ok),
        ]);
        let order: Vec<_> = groups
            .iter()
            .map(|group| (group.entity.id.0, group.worst, group.checks.len()))
            .collect();
        assert_eq!(
            order,
            [(3, Status::Critical, 2), (1, Status::Ok, 1), (2, Status::Ok, 2)]
        );
        assert_eq!(groups[0].checks[0].status, Status::Critical);
    }
}
