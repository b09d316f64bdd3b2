//! The changes of a visit, made in memory once they are in the database.

use std::collections::HashSet;

use brokerscope_contract::{EntityId, Timestamp};

use super::Written;
use super::plan::Plan;
use crate::StoreError;
use crate::catalogue::connection::{Edge, description_hash};
use crate::catalogue::{Connection, Known};
use crate::samples::lane::Lane;

impl Connection {
    /// `edges` are the links that the plan added, with their row ids.
    pub(super) fn apply(
        &mut self,
        plan: Plan,
        first_tick: i64,
        edges: Vec<(Edge, i64)>,
    ) -> Result<Written, StoreError> {
        self.visited_at = Some(plan.at);
        if plan.answered {
            self.answered_at = Some(plan.at);
        }
        let undescribed = description_hash(None, false, &[], None);
        for (id, key) in plan.created {
            let known = Known {
                key,
                description: undescribed,
                deleted_at: plan.absent.contains(&id).then_some(plan.at),
                last_seen: plan.at,
                stored_last_seen: plan.at,
                series: Vec::new(),
            };
            self.add_entity(id, known);
        }
        for (id, description) in &plan.described {
            if let Some(known) = self.known.get_mut(id) {
                known.description = description.hash;
                known.stored_last_seen = plan.at;
            }
        }
        for id in &plan.seen {
            if let Some(known) = self.known.get_mut(id) {
                known.last_seen = plan.at;
            }
        }
        self.mark(&plan.revived, &plan.deleted, plan.at);
        for (id, metric) in plan.new_lanes {
            self.add_lane(Lane::new(id, Some(metric)));
        }
        for (place, entity) in plan.occupied {
            self.occupy(place, entity);
        }
        for (tick, id) in plan.ticks.iter().zip(first_tick..) {
            self.replay(id, tick.at, &tick.data)?;
        }
        if let Some(changes) = plan.links {
            let removed: HashSet<i64> = changes.removed.into_iter().collect();
            self.links.retain(|_, row| !removed.contains(row));
            self.links.extend(edges);
        }
        for check in plan.checks {
            self.checks
                .insert((check.entity, check.result.check), (check.result.status, check.since));
        }
        if let Some(answer) = plan.answer {
            self.answer = answer.hash;
        }
        Ok(Written {
            ids: plan.ids,
            deleted: plan.deleted,
            revision: self.revision,
        })
    }

    fn mark(&mut self, revived: &[EntityId], deleted: &[EntityId], at: Timestamp) {
        for id in revived {
            self.set_deleted(*id, None);
        }
        for id in deleted {
            self.set_deleted(*id, Some(at));
        }
    }
}
