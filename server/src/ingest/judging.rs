//! Judges everything that a visit told something about, from the windows and what is shown.

mod readers;

use std::collections::HashMap;

use brokerscope_contract::{Absence, CheckId, EntityId, EntityKind, Judgement, Status, Timestamp, Verdict, metrics};
use brokerscope_figures::format::{duration, rate};
use brokerscope_judge::verdict::checks::{self, Outcome};
use brokerscope_judge::verdict::{Assessment, Window, dead_letters, object, queue, slow, topic};

use super::watch::Watch;
use crate::live::connection::Check;
use crate::live::{Connection, Entity};

/// What changed with a visit.
#[derive(Debug, Default)]
pub struct Judged {
    /// To be shown.
    pub changed: Vec<(EntityId, Judgement)>,
    /// Those of them whose verdict is another one: to be stored.
    pub verdicts: Vec<(EntityId, Judgement)>,
}

/// `connection` shows the visit at `at` already.
pub fn judge(watch: &mut Watch, connection: &Connection, at: Timestamp) -> Judged {
    let mut judging = Judging {
        connection,
        at,
        said: Vec::new(),
        readers: HashMap::new(),
    };
    judging.groups(watch);
    judging.subscriptions(watch);
    judging.others(watch);
    let mut judged = Judged::default();
    for (entity, assessment) in judging.said {
        if let Some((judgement, is_new)) = watch.settle(entity, assessment, at) {
            if is_new {
                judged.verdicts.push((entity.id, judgement.clone()));
            }
            judged.changed.push((entity.id, judgement));
        }
    }
    judged
}

struct Judging<'a> {
    connection: &'a Connection,
    at: Timestamp,
    said: Vec<(&'a Entity, Assessment)>,
    /// What reads each topic or stream, and how it is judged there.
    readers: HashMap<EntityId, Vec<(&'a Entity, Assessment)>>,
}

impl<'a> Judging<'a> {
    fn others(&mut self, watch: &Watch) {
        for entity in self.connection.entities.iter().filter(|entity| entity.exists()) {
            let said = match entity.kind() {
                EntityKind::Queue => self.queue(entity, watch),
                EntityKind::Topic => Some(self.topic(entity, watch)),
                EntityKind::Stream if self.readers.contains_key(&entity.id) => Some(self.topic(entity, watch)),
                EntityKind::Stream | EntityKind::Exchange | EntityKind::Subject => Some(self.log(entity, watch)),
                EntityKind::Cluster => Some(self.whole()),
                EntityKind::Node
                | EntityKind::Vhost
                | EntityKind::Namespace
                | EntityKind::Account
                | EntityKind::Bridge
                | EntityKind::Connector => Some(self.node(entity)),
                EntityKind::Service => Some(Assessment::ok("The broker reports it as connected.")),
                EntityKind::ConsumerGroup
                | EntityKind::Subscription
                | EntityKind::StreamConsumer
                | EntityKind::Partition
                | EntityKind::GroupTopic
                | EntityKind::GroupPartition
                | EntityKind::Member
                | EntityKind::Consumer
                | EntityKind::Producer
                | EntityKind::Endpoint => None,
            };
            self.said.extend(said.map(|said| (entity, said)));
        }
    }

    fn queue(&self, entity: &Entity, watch: &Watch) -> Option<Assessment> {
        let empty = Window::default();
        let reading = self.connection.reading(entity, metrics::DEPTH, self.at);
        // Not asked about on this visit, and not overdue: what was said stands.
        let unasked = !watch.was_observed(entity.id) && reading.value.is_some() && reading.absent.is_none();
        if unasked {
            return None;
        }
        // What was seen before it was overdue says nothing about now.
        let window = watch.window(entity.id).filter(|_| reading.absent.is_none());
        let window = window.unwrap_or(&empty);
        let case = queue::Case {
            window,
            absent: reading.absent,
            was: watch.verdict(entity),
        };
        self.itself(entity)
            .or_else(|| self.dead_letters(entity, window))
            .or_else(|| Some(queue::judge(&case)))
    }

    /// What is wrong with the object itself.
    fn itself(&self, entity: &Entity) -> Option<Assessment> {
        let shown = |metric| entity.readings.shown(metric).map(|(_, value)| value);
        object::judge(&object::Facts {
            state: entity.attribute("state"),
            partitions: shown(metrics::KAFKA_PARTITIONS),
            offline: shown(metrics::KAFKA_OFFLINE),
            under_replicated: shown(metrics::KAFKA_UNDER_REPLICATED),
            unroutable: shown(metrics::UNROUTABLE),
        })
    }

    fn dead_letters(&self, entity: &Entity, window: &Window) -> Option<Assessment> {
        let sources = self.connection.edges.dead_letter_sources(entity.id);
        if sources.is_empty() {
            return None;
        }
        let name = |id: &EntityId| {
            self.connection
                .entities
                .get(*id)
                .map(|source| source.key.name().to_owned())
        };
        dead_letters::judge(window, &sources.iter().filter_map(name).collect::<Vec<_>>())
    }

    fn topic(&self, entity: &Entity, watch: &Watch) -> Assessment {
        let dead = watch
            .window(entity.id)
            .and_then(|window| self.dead_letters(entity, window));
        self.itself(entity).or(dead).unwrap_or_else(|| {
            let said = self.readers.get(&entity.id).map(Vec::as_slice).unwrap_or_default();
            let readers: Vec<_> = said
                .iter()
                .map(|(reader, said)| topic::Reader {
                    word: reader.kind().label(),
                    name: reader.key.name(),
                    verdict: said.verdict,
                    sentence: &said.sentence,
                    since: said.since.unwrap_or(self.at),
                    undecided: said.undecided,
                })
                .collect();
            topic::judge(&readers, self.arriving(entity))
        })
    }

    fn arriving(&self, entity: &Entity) -> Option<f64> {
        entity
            .first_shown(Entity::IN)
            .and_then(|metric| entity.readings.shown(metric))
            .map(|(_, rate)| rate)
    }

    /// What only passes messages on, or keeps them whoever reads. Readers of a stream may still be slow.
    fn log(&self, entity: &Entity, watch: &Watch) -> Assessment {
        let was_slow = watch.verdict(entity) == Some(Verdict::Slow);
        let slow = watch.window(entity.id).and_then(|window| slow::judge(window, was_slow));
        self.itself(entity).or(slow).unwrap_or_else(|| {
            Assessment::ok(match self.arriving(entity) {
                Some(arriving) if arriving > 0.0 => format!("{} arrive.", rate(arriving)),
                Some(_) => "Nothing arrives at present.".into(),
                None => "Nothing is reported to be wrong with it.".into(),
            })
        })
    }

    fn node(&self, entity: &Entity) -> Assessment {
        let up = entity.readings.shown(metrics::UP);
        if up.is_some_and(|(_, up)| up == 0.0) {
            return Assessment::new(Verdict::Broken, "It does not answer.");
        }
        // Checks are in the order of their entities, so those of one are a range.
        let from_here = self.connection.checks.range((entity.id, CheckId(String::new()))..);
        let own = from_here.take_while(|((id, _), _)| *id == entity.id);
        let outcomes: Vec<_> = own.filter_map(|(key, state)| self.outcome(key, state)).collect();
        checks::judge(&outcomes, "Nothing is reported to be wrong with it.")
    }

    /// The connection as a whole: every check there is.
    fn whole(&self) -> Assessment {
        let visits = &self.connection.visits;
        let name = match &visits.server.version {
            Some(version) => format!("{} {version}", self.connection.known.system.label()),
            None => self.connection.known.system.label().to_owned(),
        };
        let seconds = visits.cost.map_or(0.0, |cost| cost.seconds);
        let unlearnt = visits
            .warnings
            .gaps()
            .iter()
            .filter(|w| matches!(w.reason, Absence::NotPermitted | Absence::Failed))
            .count();
        let but = match unlearnt {
            0 => String::new(),
            1 => "; one thing could not be learnt".into(),
            n => format!("; {n} things could not be learnt"),
        };
        let all = self.connection.checks.iter();
        let outcomes: Vec<_> = all.filter_map(|(key, state)| self.outcome(key, state)).collect();
        checks::judge(&outcomes, &format!("{name} answers in {}{but}.", duration(seconds)))
    }

    /// What a check says about an entity; nothing when that no longer exists.
    fn outcome(&self, (id, check): &'a (EntityId, CheckId), state: &'a Check) -> Option<Outcome<'a>> {
        let connection = self.connection;
        let entity = connection.entities.get(*id).filter(|entity| entity.exists())?;
        let def = connection.defs.iter().find(|def| def.id == *check);
        // A check that the broker cannot answer by nature is no unknown state of the broker.
        let status = match state.absent {
            Some(Absence::NotSupported | Absence::Disabled) => Status::Ok,
            _ => state.status,
        };
        Some(Outcome {
            label: def.map_or(check.0.as_str(), |def| &def.label),
            place: entity.key.name(),
            status,
            text: &state.text,
        })
    }
}
