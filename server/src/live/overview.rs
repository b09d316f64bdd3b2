//! Connections as pages show them, and what needs a person.

use std::collections::HashSet;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::overview::Attention;
use brokerscope_contract::{Absence, EntityId, EntityKind, Reading, Role, Status, Timestamp, Verdict};

use super::{Connection, Live};

impl Live {
    /// The worst first.
    pub fn connections(&self, now: Timestamp) -> Vec<ConnectionView> {
        let mut views: Vec<ConnectionView> = self.all().iter().map(|shared| shared.read().view(now)).collect();
        views.sort_by(|a, b| {
            let rank = |view: &ConnectionView| (view.judgement.verdict.rank(), view.judgement.since);
            // What is well is listed by name: its age is no order that a person could use.
            let name = |view: &ConnectionView| view.name.to_lowercase();
            match (a.judgement.verdict, b.judgement.verdict) {
                (Verdict::Ok, Verdict::Ok) => name(a).cmp(&name(b)),
                _ => rank(a).cmp(&rank(b)),
            }
        });
        views
    }

    /// What is wrong. Of what is listed, `alerted` comes before the rest, so that an alert is not listed by itself
    /// beside what it fires on.
    pub fn attention(&self, now: Timestamp, n: usize, alerted: &HashSet<EntityId>) -> Wanting {
        let table = self.read();
        let connections: Vec<_> = table.values().map(|shared| shared.read()).collect();
        let (mut found, mut fine) = (Vec::new(), 0);
        for connection in &connections {
            let judgement = connection.judgement_at(now);
            let is_cause = needs_a_person(judgement.verdict);
            let topics_at_risk = if is_cause { connection.topics_at_risk(now) } else { 0 };
            if is_cause {
                let wrong = Wrong::Connection(connection, topics_at_risk);
                found.push((judgement.verdict.rank(), judgement.since, wrong));
            }
            // An unreachable connection is one trouble, not one for each of its queues.
            if !connection.is_fresh(now) {
                continue;
            }
            let entities = connection
                .existing(Role::Destination)
                .chain(connection.existing(Role::Subscription));
            for entity in entities.filter(|entity| !entity.internal) {
                let Some(judgement) = &entity.judgement else { continue };
                fine += usize::from(judgement.verdict == Verdict::Ok && entity.role() == Role::Destination);
                // A node that is lost puts every topic at risk, and is one trouble.
                let is_told = topics_at_risk > 0 && entity.is_topic_at_risk();
                if needs_a_person(judgement.verdict) && !is_told && !is_symptom(entity.kind(), judgement.verdict) {
                    found.push((
                        judgement.verdict.rank(),
                        judgement.since,
                        Wrong::Entity(connection, entity),
                    ));
                }
            }
        }
        let total = found.len();
        let has_alert = |wrong: &Wrong<'_>| matches!(wrong, Wrong::Entity(_, entity) if alerted.contains(&entity.id));
        found.sort_by_key(|(rank, since, wrong)| (!has_alert(wrong), *rank, *since));
        let listed = found.iter().filter_map(|(_, _, wrong)| match wrong {
            Wrong::Entity(_, entity) if has_alert(wrong) => Some(entity.id),
            _ => None,
        });
        let alerted = listed.collect();
        found.truncate(n);
        found.sort_by_key(|(rank, since, _)| (*rank, *since));
        let shown = found.into_iter().map(|(_, _, wrong)| wrong.attention(now));
        Wanting {
            shown: shown.collect(),
            total,
            alerted,
            fine,
        }
    }
}

/// What needs a person, and what does not.
#[derive(Debug)]
pub struct Wanting {
    /// The worst and oldest first, not more than were asked for.
    pub shown: Vec<Attention>,
    /// How many things are wrong in all.
    pub total: usize,
    /// Of what is wrong, shown or not, that on which an alert fires.
    pub alerted: HashSet<EntityId>,
    /// Destinations that are known to be well.
    pub fine: usize,
}

enum Wrong<'a> {
    /// With so many topics that are at risk because of it.
    Connection(&'a Connection, usize),
    Entity(&'a Connection, &'a super::Entity),
}

impl Wrong<'_> {
    fn attention(self, now: Timestamp) -> Attention {
        match self {
            Wrong::Connection(connection, topics_at_risk) => Attention::Connection {
                connection: connection.known.id,
                name: connection.known.name.clone(),
                system: connection.known.system,
                judgement: connection.judgement_at(now),
                topics_at_risk,
            },
            Wrong::Entity(connection, entity) => Attention::Entity {
                row: Box::new(connection.row(entity, now)),
                alerts: Vec::new(),
            },
        }
    }
}

fn needs_a_person(verdict: Verdict) -> bool {
    verdict.status() >= Status::Warning
}

/// What is wrong with a topic because of its readers is listed once, as the group that causes it.
fn is_symptom(kind: EntityKind, verdict: Verdict) -> bool {
    kind == EntityKind::Topic && !matches!(verdict, Verdict::Broken | Verdict::AtRisk | Verdict::DeadLetters)
}

impl super::Entity {
    /// Fewer replicas are in sync than wanted, which a check of the whole cluster says as well.
    fn is_topic_at_risk(&self) -> bool {
        let verdict = self.judgement.as_ref().map(|judgement| judgement.verdict);
        self.kind() == EntityKind::Topic && verdict == Some(Verdict::AtRisk)
    }
}

impl Connection {
    /// Those of a person's own, as far as they are known now.
    fn topics_at_risk(&self, now: Timestamp) -> usize {
        if !self.is_fresh(now) {
            return 0;
        }
        let topics = self.existing(Role::Destination);
        topics
            .filter(|topic| !topic.internal && topic.is_topic_at_risk())
            .count()
    }

    fn view(&self, now: Timestamp) -> ConnectionView {
        let (known, visits) = (&self.known, &self.visits);
        ConnectionView {
            id: known.id,
            name: known.name.clone(),
            system: known.system,
            origin: known.origin,
            paused: known.paused,
            settings: known.settings.clone(),
            secrets_set: known.secrets_set.clone(),
            judgement: self.judgement_at(now),
            server: visits.server.clone(),
            warnings: visits.warnings.gaps().to_vec(),
            last_answer_at: visits.answered_at,
            next_visit_at: visits.next_at.filter(|_| !known.paused),
            cost: visits.cost,
            beats: visits.beats.iter().cloned().collect(),
            uptime: visits.uptime,
            destinations: self.totals.destinations,
            subscriptions: self.totals.subscriptions,
            throughput: self.total(self.totals.throughput, now),
            depth: self.total(self.totals.depth, now),
            depth_line: self.depth_line.line(now),
            throughput_line: self.throughput_line.line(now),
            revision: visits.revision,
        }
    }

    fn total(&self, value: Option<f64>, now: Timestamp) -> Reading {
        match (value, self.visits.answered_at) {
            (Some(value), Some(at)) if self.is_fresh(now) => Reading::measured(value, at),
            (Some(value), Some(at)) => Reading::measured(value, at).stale(),
            _ => Reading::absent(Absence::NoData),
        }
    }
}
