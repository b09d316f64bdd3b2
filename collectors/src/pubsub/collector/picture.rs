//! Puts together what a visit learnt: entities, links, histories, checks and what is missing.

use std::collections::BTreeSet;

use brokerscope_contract::{
    Absence, CheckResult, Elsewhere, Entity, EntityKey, EntityKind, History, Link, MetricId, ServerInfo, Site,
    Snapshot, Status, System, Timestamp, Warning, metrics,
};

use brokerscope_figures::format::count;

use super::{Outcome, PubSubCollector};
use crate::pubsub::checks;
use crate::pubsub::delivery::Delivery;
use crate::pubsub::map::{blind_spots, links, project_key, state, subscriptions, topics};
use crate::pubsub::project::Project;
use crate::pubsub::questions::QUESTIONS;
use crate::pubsub::token::{TOLERATED_SKEW_SECONDS, skew};

/// One failed push now and then is nothing: Pub/Sub tries again.
const FAILING_SHARE: f64 = 0.1;

impl PubSubCollector {
    /// `at` is this machine's time, `now` Google's.
    pub(super) fn picture(&mut self, at: Timestamp, now: Timestamp, outcome: Outcome) -> Snapshot {
        let mut snapshot = Snapshot::empty(at);
        snapshot.entities.push(Entity::new(EntityKey::cluster()));
        snapshot
            .entities
            .extend(self.projects.keys().map(|id| Entity::new(project_key(id))));
        snapshot.complete.push(EntityKind::Node);
        if outcome.listed {
            self.describe(&mut snapshot);
        }
        self.recount(&mut snapshot, outcome.history);
        self.check(&mut snapshot, now);
        snapshot.warnings = self.warnings(now);
        snapshot.server = ServerInfo {
            version: None,
            cluster_name: Some(self.config.projects.join(", ")),
            nodes: u32::try_from(self.projects.len()).ok(),
            tier: Some(self.tier()),
            addresses: Vec::new(),
        };
        snapshot.cost = self.client.take_cost();
        snapshot
    }

    /// Everything that is listed, with the links. The list is the whole truth only where no project kept any of it.
    fn describe(&self, snapshot: &mut Snapshot) {
        let readers = state::readers(&self.inventories);
        for (id, inventory) in &self.inventories {
            snapshot.entities.extend(topics::entities(id, inventory, &readers));
            snapshot.entities.extend(subscriptions::entities(id, inventory));
        }
        let links = links::links(&self.inventories);
        snapshot.entities.extend(self.beyond(&links));
        snapshot.links = Some(links);
        let listed_all = self.projects.values().all(|project| project.listed_objects());
        if listed_all && self.inventories.values().all(|inventory| inventory.is_sure()) {
            let kinds = [EntityKind::Topic, EntityKind::Subscription, EntityKind::Endpoint];
            snapshot.complete.extend(kinds);
        }
    }

    /// What links lead to and no list has: endpoints, and topics of projects that are not watched.
    fn beyond(&self, links: &[Link]) -> Vec<Entity> {
        let ends: BTreeSet<&EntityKey> = links.iter().flat_map(|link| [&link.from, &link.to]).collect();
        let is_foreign = |key: &&EntityKey| match key.kind {
            EntityKind::Endpoint => true,
            EntityKind::Topic => !key.path.first().is_some_and(|id| self.projects.contains_key(id)),
            _ => false,
        };
        let entity = |key: &EntityKey| {
            let mut entity = Entity::new(key.clone());
            if key.kind == EntityKind::Topic {
                let note = "in a project that this connection does not watch";
                let project = key.path.first().cloned().unwrap_or_default();
                let attribute = brokerscope_contract::Attribute::new("project", project);
                entity.attributes.push(attribute.note(note));
                // Whoever watches that project has the real one, by the same key.
                entity.stands_for = Some(Elsewhere {
                    system: System::GcpPubsub,
                    at: Site::Anywhere,
                    keys: vec![key.clone()],
                });
            }
            entity
        };
        ends.into_iter().filter(is_foreign).map(entity).collect()
    }

    /// The histories of what exists, and those that follow from them.
    fn recount(&mut self, snapshot: &mut Snapshot, history: Vec<History>) {
        let exists = |key: &EntityKey| {
            let inventory = key.path.first().and_then(|id| self.inventories.get(id));
            inventory.is_some_and(|inventory| !inventory.is_listed(key.kind) || inventory.knows(key))
        };
        let mut history: Vec<History> = history.into_iter().filter(|series| exists(&series.entity)).collect();
        // Where nothing is listed, having figures is all that is known of them.
        let nameless: BTreeSet<EntityKey> = history
            .iter()
            .map(|series| series.entity.clone())
            .filter(|key| {
                let inventory = key.path.first().and_then(|id| self.inventories.get(id));
                inventory.is_some_and(|inventory| !inventory.is_listed(key.kind))
            })
            .collect();
        snapshot.entities.extend(nameless.into_iter().map(|key| Entity {
            parent: key.path.first().map(|project| project_key(project)),
            ..Entity::new(key)
        }));
        self.activities.keep(exists);
        self.activities.note(&history);
        let mut all: Vec<(EntityKey, &crate::pubsub::wire::Subscription)> = Vec::new();
        for (id, inventory) in &self.inventories {
            let of_project = inventory.subscriptions.iter();
            all.extend(of_project.map(|(name, subscription)| (subscriptions::key(id, name), subscription)));
        }
        // What follows from a depth is told once, with that depth.
        let depths = history.iter().filter(|series| series.metric == metrics::DEPTH);
        let fresh: BTreeSet<EntityKey> = depths.map(|series| series.entity.clone()).collect();
        for (key, subscription) in all.iter().filter(|(key, _)| fresh.contains(key)) {
            let knows = key.path.first().and_then(|id| self.projects.get(id));
            let asked = knows.is_some_and(|project| project.knows_readers());
            history.extend(self.activities.readers(key, subscription, asked));
        }
        let of_all = all.iter().map(|(key, subscription)| (key, *subscription));
        history.extend(self.activities.dead_letters(of_all, |key| fresh.contains(key)));
        snapshot.history = history;
    }

    fn check(&self, snapshot: &mut Snapshot, now: Timestamp) {
        let with_figures = self.config.monitoring.is_some();
        snapshot.checks.push(checks::LOGIN.result(
            EntityKey::cluster(),
            Status::Ok,
            format!("as {}", self.config.credentials.described()),
        ));
        snapshot.checks.push(self.clock_check());
        for (id, project) in &self.projects {
            let subscriptions = self.inventories.get(id).map_or(0, |i| i.subscriptions.len());
            let own = project.checks(id, subscriptions, self.config.interval, with_figures, now);
            snapshot.checks.extend(own);
            snapshot.checks.extend(state::checks(id, &self.inventories));
            snapshot.checks.extend(self.pushes_check(id, project, now));
            snapshot.samples.extend(project.samples(id, now));
        }
    }

    /// Endpoints that do not take what is pushed to them.
    fn pushes_check(&self, id: &str, project: &Project, now: Timestamp) -> Option<CheckResult> {
        if !project.knows_pushes() {
            return None;
        }
        let all = self.inventories.get(id)?.subscriptions.iter();
        let pushed = all.filter(|(_, known)| matches!(known.delivers_to(), Some(Delivery::Push(_))));
        let told = |name: &str| {
            let pushes = self.activities.pushes(&subscriptions::key(id, name), now)?;
            let (failed, requests) = (count(pushes.failed), count(pushes.requests));
            let fails = pushes.failed >= FAILING_SHARE * pushes.requests;
            fails.then(|| format!("{name} ({failed} of {requests} requests)"))
        };
        let found: Vec<String> = pushed.clone().filter_map(|(name, _)| told(name)).collect();
        let of = pushed.count();
        Some(state::result(
            checks::PUSHES,
            project_key(id),
            &found,
            of,
            "push subscriptions",
        ))
    }

    fn clock_check(&self) -> CheckResult {
        let check = checks::CLOCK;
        match self.client.skew_seconds() {
            None => check.unknown(EntityKey::cluster(), Absence::NoData, "Google told no time"),
            Some(seconds) if seconds.abs() > TOLERATED_SKEW_SECONDS => {
                let text = format!("this machine's clock is {}; Google's is used", skew(seconds));
                check.result(EntityKey::cluster(), Status::Warning, text)
            }
            Some(_) => check.result(EntityKey::cluster(), Status::Ok, "as Google's"),
        }
    }

    fn warnings(&self, now: Timestamp) -> Vec<Warning> {
        let detail = self.config.detail;
        let of_projects = self.projects.iter();
        let mut warnings: Vec<Warning> = of_projects
            .flat_map(|(id, project)| project.warnings(id, detail, now))
            .collect();
        if self.config.monitoring.is_none() {
            warnings.push(blind_spots::no_monitoring());
            return warnings;
        }
        let asked: BTreeSet<MetricId> = detail.questions().flat_map(|q| q.metrics).copied().collect();
        let all: BTreeSet<MetricId> = QUESTIONS.iter().flat_map(|q| q.metrics).copied().collect();
        let missing: Vec<MetricId> = all.difference(&asked).copied().collect();
        warnings.extend(blind_spots::not_chosen(&missing));
        warnings
    }

    /// How this connection works, and what it costs.
    fn tier(&self) -> String {
        let (detail, projects) = (self.config.detail, self.projects.len() as u64);
        let a_day = detail.requests_per_day(self.config.interval) * projects;
        let a_day = count(a_day as f64);
        match self.config.monitoring {
            None => "topics and subscriptions without figures".into(),
            Some(_) => format!("{} figures, {a_day} requests to Cloud Monitoring a day", detail.slug()),
        }
    }
}
