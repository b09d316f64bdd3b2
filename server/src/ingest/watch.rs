//! What is remembered of one connection to judge by: windows of observations and the judgements in force.

use std::collections::{HashMap, HashSet};

use brokerscope_contract::{
    EntityId, EntityKey, EntityKind, Judgement, MetricId, Sample, Snapshot, Timestamp, Verdict, metrics,
};
use brokerscope_judge::verdict::{Assessment, Change, Late, Observation, Steady, Window};

use super::groups::Groups;
use super::{derived, late, observe};
use crate::live::{Connection, Entity};

/// One connection's memory. After a start it goes on from the stored judgements.
#[derive(Debug, Default)]
pub struct Watch {
    windows: HashMap<EntityId, Window>,
    steady: HashMap<EntityId, Steady>,
    pub groups: Groups,
    /// Entities that this visit told something about.
    observed: HashSet<EntityId>,
    /// What it told about entities that had no number yet.
    strangers: Vec<(EntityKey, Observation)>,
    /// The last answer before this process began to watch.
    answered_before: Option<Timestamp>,
    /// Until when the age that a broker told late keeps us from estimating one.
    told_late: HashMap<EntityKey, Timestamp>,
    /// Counters that a cloud told late, of queues of which it tells at once how much waits; and until when they count.
    counted_late: HashMap<EntityKey, (Late, Timestamp)>,
}

/// Clouds tell an age every few minutes; after three that are missing an estimate is better than nothing.
const TOLD_LATE_MILLIS: i64 = 900_000;

impl Watch {
    pub fn new(connection: &Connection) -> Watch {
        Watch {
            answered_before: connection.visits.answered_at,
            ..Watch::default()
        }
    }

    /// Takes in what a visit saw, and adds to the snapshot what follows from it. Entities that are seen for the first
    /// time have no number yet; they follow with [`Watch::observe_new`] when they are stored.
    pub fn observe(&mut self, snapshot: &mut Snapshot, connection: &Connection) {
        self.observed.clear();
        self.strangers.clear();
        let mut told = told_ages(snapshot);
        let late = snapshot
            .history
            .iter()
            .filter(|series| series.metric == metrics::OLDEST_AGE);
        let until = snapshot.at.plus_millis(TOLD_LATE_MILLIS);
        self.told_late.extend(late.map(|series| (series.entity.clone(), until)));
        self.told_late.retain(|_, until| *until > snapshot.at);
        told.extend(self.told_late.keys().cloned());
        let counted = late::counters(snapshot);
        self.counted_late.extend(counted.map(|(key, late, period)| {
            let lasts = TOLD_LATE_MILLIS.max(3 * period);
            (key.clone(), (late, snapshot.at.plus_millis(lasts)))
        }));
        self.counted_late.retain(|_, (_, until)| *until > snapshot.at);
        let mut figures: Vec<Sample> = Vec::new();
        for (key, seen) in observe::observations(snapshot) {
            let Some(entity) = connection.entity(key) else {
                self.strangers.push((key.clone(), seen));
                continue;
            };
            let window = self.push(entity, self.completed(seen, connection, entity));
            let told: &[MetricId] = if told.contains(key) {
                &[metrics::OLDEST_AGE]
            } else {
                &[]
            };
            figures.extend(derived::samples(key, window, entity, told));
        }
        self.groups.see(snapshot, connection);
        snapshot.samples.extend(figures);
    }

    /// The same for entities that have been stored for the first time.
    pub fn observe_new(&mut self, connection: &Connection) {
        for (key, seen) in std::mem::take(&mut self.strangers) {
            if let Some(entity) = connection.entity(&key) {
                self.push(entity, self.completed(seen, connection, entity));
            }
        }
    }

    fn completed(&self, seen: Observation, connection: &Connection, entity: &Entity) -> Observation {
        let late = || self.counted_late.get(&*entity.key).map(|(late, _)| *late);
        let is_counted = seen.taken.is_some() || seen.arrived.is_some();
        Observation {
            late: if is_counted { None } else { late() },
            ..complete(seen, connection, entity)
        }
    }

    fn push(&mut self, entity: &Entity, seen: Observation) -> &Window {
        let window = self.windows.entry(entity.id).or_insert_with(|| begin(entity));
        // A visit that was not told what waits says nothing about how it develops.
        if seen.waiting.is_some() || seen.arrived.is_some() {
            window.push(seen);
            self.observed.insert(entity.id);
        }
        window
    }

    /// Forgets what was observed, because the clock jumped and nothing can be compared any more. Judgements stand.
    pub fn reset(&mut self, now: Timestamp) {
        self.windows.clear();
        self.groups = Groups::default();
        self.steady.values_mut().for_each(|steady| steady.hold_from(now));
    }

    pub fn window(&self, entity: EntityId) -> Option<&Window> {
        self.windows.get(&entity)
    }

    pub fn was_observed(&self, entity: EntityId) -> bool {
        self.observed.contains(&entity)
    }

    pub fn verdict(&self, entity: &Entity) -> Option<Verdict> {
        let stored = || entity.judgement.as_ref().map(|judgement| judgement.verdict);
        self.steady.get(&entity.id).and_then(Steady::verdict).or_else(stored)
    }

    /// Steadies what was said about an entity; the judgement to show and whether it is worth storing, if it changed.
    pub fn settle(&mut self, entity: &Entity, said: Assessment, at: Timestamp) -> Option<(Judgement, bool)> {
        let answered = self.answered_before;
        let steady = self
            .steady
            .entry(entity.id)
            .or_insert_with(|| match (&entity.judgement, answered) {
                (Some(judgement), Some(answered)) => Steady::resume(judgement.clone(), answered),
                _ => Steady::default(),
            });
        let change = steady.take(said, at);
        let judgement = steady.judgement()?.clone();
        match change {
            Change::Same => None,
            Change::Sentence => Some((judgement, false)),
            Change::Verdict => Some((judgement, true)),
        }
    }

    /// Forgets entities that the broker no longer has.
    pub fn forget(&mut self, gone: &[EntityId], connection: &Connection) {
        for id in gone {
            self.windows.remove(id);
            self.steady.remove(id);
        }
        if !gone.is_empty() {
            let exists = |key: &EntityKey| connection.entity(key).is_some_and(Entity::exists);
            self.groups
                .keep(|name| exists(&EntityKey::new(EntityKind::ConsumerGroup, [name])));
        }
    }
}

/// Who reads and how much they may hold is asked for less often than how much waits. Between two answers the last one
/// counts, as long as it is shown as current.
fn complete(seen: Observation, connection: &Connection, entity: &Entity) -> Observation {
    let last = |metric| {
        let reading = connection.reading(entity, metric, seen.at);
        reading.value.filter(|_| reading.absent.is_none())
    };
    match entity.kind() {
        EntityKind::Queue => Observation {
            consumers: seen.consumers.or_else(|| last(metrics::CONSUMERS)),
            in_flight_limit: seen.in_flight_limit.or_else(|| last(metrics::IN_FLIGHT_LIMIT)),
            ..seen
        },
        // Of what is told late each metric comes with a delay of its own, so a visit may bring some of them only.
        EntityKind::Subscription | EntityKind::StreamConsumer => {
            let counted = |metric| {
                let (_, sum) = last(metric).and_then(|_| entity.readings.raw(metric))?;
                Some(sum)
            };
            Observation {
                consumers: seen.consumers.or_else(|| last(metrics::CONSUMERS)),
                in_flight: seen.in_flight.or_else(|| last(metrics::IN_FLIGHT)),
                taken: seen.taken.or_else(|| counted(metrics::ACKNOWLEDGED)),
                ..seen
            }
        }
        _ => seen,
    }
}

/// A standstill that was known before a restart goes on.
fn begin(entity: &Entity) -> Window {
    match &entity.judgement {
        Some(judgement) if matches!(judgement.verdict, Verdict::Stalled | Verdict::Stopped) => {
            Window::still_from(judgement.since)
        }
        _ => Window::default(),
    }
}

/// Queues whose oldest message's age the broker itself tells.
fn told_ages(snapshot: &Snapshot) -> HashSet<EntityKey> {
    let told = snapshot
        .samples
        .iter()
        .filter(|sample| sample.metric == metrics::OLDEST_AGE);
    told.filter(|sample| sample.entity.kind == EntityKind::Queue)
        .map(|sample| sample.entity.clone())
        .collect()
}
