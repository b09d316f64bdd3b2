//! Health checks with their meaning, their remedy and their history.

use brokerscope_contract::api::health::{CheckView, HealthView};
use brokerscope_contract::{Absence, CheckDef, CheckId, EntityId, Status, Timestamp};

use super::connection::Check;
use super::{Connection, Live};

impl Live {
    /// The worst first.
    pub fn health(&self, now: Timestamp) -> Vec<HealthView> {
        let mut views: Vec<HealthView> = self.all().iter().map(|shared| shared.read().health(now)).collect();
        views.sort_by_key(|view| (view.judgement.verdict.rank(), view.judgement.since));
        views
    }
}

impl Connection {
    fn health(&self, now: Timestamp) -> HealthView {
        let mut checks: Vec<CheckView> = self
            .checks
            .iter()
            .filter_map(|((entity, id), check)| self.check_view(*entity, id, check, now))
            .collect();
        // Unknown comes before ok here as everywhere: it needs a look.
        checks.sort_by(|a, b| b.status.cmp(&a.status).then_with(|| a.entity.name.cmp(&b.entity.name)));
        HealthView {
            connection: self.known.id,
            name: self.known.name.clone(),
            system: self.known.system,
            judgement: self.judgement_at(now),
            last_answer_at: self.visits.answered_at,
            beats: self.visits.beats.iter().cloned().collect(),
            uptime: self.visits.uptime,
            checks,
        }
    }

    fn check_view(&self, entity: EntityId, id: &CheckId, check: &Check, now: Timestamp) -> Option<CheckView> {
        let entity = self.entities.get(entity).filter(|entity| entity.exists())?;
        let fresh = self.is_fresh(now);
        Some(CheckView {
            entity: entity.reference(self.known.id),
            def: self.def(id),
            // What was ok when the connection last answered is not known to be ok now.
            status: if fresh { check.status } else { Status::Unknown },
            text: check.text.clone(),
            absent: if fresh { check.absent } else { Some(Absence::Stale) },
            since: check.since,
            checked_at: check.checked_at,
            history: check.changes.iter().cloned().collect(),
        })
    }

    /// What a check means. One that an earlier release made and this one does not know still has its name.
    pub fn def(&self, id: &CheckId) -> CheckDef {
        self.defs.iter().find(|def| def.id == *id).cloned().unwrap_or_else(|| {
            let label = id.0.replace('_', " ");
            CheckDef::new(&id.0, &label, "This release does not make this check.", "")
        })
    }
}
