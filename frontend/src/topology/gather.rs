//! Which nodes are gathered into groups, and which are too important for that.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use brokerscope_contract::api::topology::{NodeView, Topology};
use brokerscope_contract::{EntityKind, Status};
use brokerscope_figures::layout::collapse::{Collapsed, Leaf, collapse};

/// Above about this many boxes a graph says nothing any more.
const LIMIT: usize = 150;
/// Once gathered, so many boxes can be taken in at a glance.
const AT_A_GLANCE: usize = 44;
/// So many of the worst nodes are shown on their own.
const WORST: usize = 24;

/// Gathers the topology; `pinned` nodes are shown on their own, `open` groups as what they hold.
pub fn gather(topology: &Topology, pinned: &BTreeSet<i64>, open: &BTreeSet<i64>) -> Collapsed {
    let worst = worst(topology);
    let leaves: Vec<Leaf> = topology
        .nodes
        .iter()
        .map(|node| Leaf {
            id: node.entity.id.0,
            family: family(node),
            name: node.entity.name.clone(),
            severity: severity(node.verdict.status()),
            pinned: pinned.contains(&node.entity.id.0) || worst.contains(&node.entity.id.0),
        })
        .collect();
    let limit = if leaves.len() > LIMIT { AT_A_GLANCE } else { LIMIT };
    collapse(&leaves, limit, open)
}

/// The nodes that need a person, if they are few.
fn worst(topology: &Topology) -> BTreeSet<i64> {
    let mut bad: Vec<&NodeView> = topology
        .nodes
        .iter()
        .filter(|node| node.verdict.status() >= Status::Warning)
        .collect();
    bad.sort_by_key(|node| (Reverse(node.verdict.status()), node.verdict.rank(), node.entity.id));
    bad.into_iter().take(WORST).map(|node| node.entity.id.0).collect()
}

/// Same connection, kind and virtual host. An unusual byte keeps the parts apart.
fn family(node: &NodeView) -> String {
    let entity = &node.entity;
    format!(
        "{}\u{1}{}\u{1}{}",
        entity.connection.0,
        entity.kind.slug(),
        entity.scope
    )
}

/// The kind of the members of a group, out of its family.
pub fn kind_of_family(family: &str) -> Option<EntityKind> {
    family.split('\u{1}').nth(1).and_then(EntityKind::from_slug)
}

pub fn scope_of_family(family: &str) -> &str {
    family.splitn(3, '\u{1}').nth(2).unwrap_or("")
}

fn severity(status: Status) -> u8 {
    status as u8
}

pub fn status_of(severity: u8) -> Status {
    let all = [
        Status::Ok,
        Status::Unknown,
        Status::Maintenance,
        Status::Warning,
        Status::Critical,
    ];
    all.into_iter()
        .find(|status| *status as u8 == severity)
        .unwrap_or(Status::Unknown)
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Verdict;

    use super::super::testing::{node, topology};
    use super::*;

    #[test]
    fn the_worst_nodes_are_not_hidden_in_a_group() {
        let mut nodes: Vec<NodeView> = (1..=400)
            .map(|id| node(id, EntityKind::Queue, &format!("job.q{id}")))
            .collect();
        nodes[7].verdict = Verdict::Stalled;
        let collapsed = gather(&topology(nodes, Vec::new()), &BTreeSet::from([20]), &BTreeSet::new());
        assert_eq!(collapsed.shown_as[&8], 8);
        assert_eq!(collapsed.shown_as[&20], 20);
        assert!(collapsed.shown_as[&1] < 0);
    }

    #[test]
    fn a_family_gives_back_what_it_was_made_of() {
        let node = node(1, EntityKind::Queue, "q");
        assert_eq!(kind_of_family(&family(&node)), Some(EntityKind::Queue));
        assert_eq!(scope_of_family(&family(&node)), "/");
        assert_eq!(status_of(severity(Status::Critical)), Status::Critical);
    }
}
