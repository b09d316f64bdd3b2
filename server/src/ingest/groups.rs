//! Which consumer groups are rebalancing, or were a moment ago.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, EntityKind, Snapshot, Timestamp, metrics};
use brokerscope_judge::verdict::object;

use crate::live::Connection;

/// Offsets stand still for a while after a rebalance too: members fetch first and commit later.
const SETTLING_MILLIS: i64 = 60_000;
/// A rebalance that lasts longer than this is no excuse for standing still, it is the trouble itself.
const LONGEST_MILLIS: i64 = 600_000;

#[derive(Debug, Default)]
pub struct Groups(HashMap<String, Group>);

#[derive(Debug, Default)]
struct Group {
    members: Option<f64>,
    /// When the present or last rebalance was first and last seen.
    began: Option<Timestamp>,
    seen: Option<Timestamp>,
}

impl Groups {
    /// Takes in states and members. Short rebalances between two visits show in the members only.
    pub fn see(&mut self, snapshot: &Snapshot, connection: &Connection) {
        let told: HashMap<&EntityKey, Option<&str>> = snapshot
            .entities
            .iter()
            .filter(|entity| entity.key.kind == EntityKind::ConsumerGroup)
            .map(|entity| (&entity.key, object::state_of(&entity.attributes)))
            .collect();
        let groups = snapshot
            .samples
            .iter()
            .filter(|sample| sample.metric == metrics::CONSUMERS);
        for sample in groups.filter(|sample| sample.entity.kind == EntityKind::ConsumerGroup) {
            let known = || {
                connection
                    .entity(&sample.entity)
                    .and_then(|entity| entity.attribute("state"))
            };
            let state = told.get(&sample.entity).copied().unwrap_or_else(known);
            let group = self.0.entry(sample.entity.name().to_owned()).or_default();
            group.see(state.unwrap_or(""), sample.value, snapshot.at);
        }
    }

    /// Forgets the groups that the broker no longer has: tools make one after the other, each with a new name.
    pub fn keep(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| exists(name));
    }

    /// Standing still means nothing for this group at present.
    pub fn is_rebalancing(&self, group: &str, now: Timestamp) -> bool {
        let Some(Group {
            began: Some(began),
            seen: Some(seen),
            ..
        }) = self.0.get(group)
        else {
            return false;
        };
        now.millis_since(*seen) < SETTLING_MILLIS && now.millis_since(*began) < LONGEST_MILLIS
    }
}

impl Group {
    fn see(&mut self, state: &str, members: f64, at: Timestamp) {
        // All members gone is no rebalance: then nobody reads.
        let changed = self
            .members
            .is_some_and(|before| before != members && before > 0.0 && members > 0.0);
        self.members = Some(members);
        if is_rebalance(state) || changed {
            let ongoing = self.seen.is_some_and(|seen| at.millis_since(seen) < SETTLING_MILLIS);
            self.began = self.began.filter(|_| ongoing).or(Some(at));
            self.seen = Some(at);
        }
    }
}

fn is_rebalance(state: &str) -> bool {
    matches!(
        state,
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000)
    }

    fn groups(seen: &[(i64, &str, f64)]) -> Groups {
        let mut group = Group::default();
        for (seconds, state, members) in seen {
            group.see(state, *members, at(*seconds));
        }
        Groups(HashMap::from([("g".into(), group)]))
    }

    #[test]
    fn a_rebalance_holds_for_a_minute_and_not_for_ever() {
        assert!(groups(&[(0, "PreparingRebalance", 2.0)]).is_rebalancing("g", at(30)));
        assert!(!groups(&[(0, "PreparingRebalance", 2.0)]).is_rebalancing("g", at(60)));
        let endless: Vec<_> = (0..50).map(|i| (i * 15, "PreparingRebalance", 2.0)).collect();
        assert!(
            !groups(&endless).is_rebalancing("g", at(735)),
            "after ten minutes it is the trouble itself"
        );
        assert!(!groups(&[(0, "Stable", 2.0)]).is_rebalancing("g", at(1)));
        assert!(!groups(&[]).is_rebalancing("other", at(1)));
    }

    #[test]
    fn members_that_change_were_rebalanced_and_members_that_left_were_not() {
        assert!(groups(&[(0, "Stable", 2.0), (15, "Stable", 3.0)]).is_rebalancing("g", at(20)));
        assert!(!groups(&[(0, "Stable", 2.0), (15, "Empty", 0.0)]).is_rebalancing("g", at(20)));
        assert!(!groups(&[(0, "Empty", 0.0), (15, "Stable", 2.0)]).is_rebalancing("g", at(20)));
    }
}
