//! After a visit was stored: the same in memory.

use std::sync::Arc;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::api::health::CheckChange;
use brokerscope_contract::entity::Entity as Told;
use brokerscope_contract::{
    CheckResult, ConnectionId, EntityId, EntityKey, Method, Sample, Snapshot, Timestamp, metrics,
};
use brokerscope_store::Written;

use super::connection::{CHANGES, CHECK_KEPT_MILLIS, Check, Failure};
use super::links::Edges;
use super::warnings::Warnings;
use super::{Connection, Entity, Live};

/// More points than these of a long past add nothing to the last value and its rate.
const RECENT: usize = 8;
/// What is taken in at once: about a millisecond's work, for which a page waits without being noticed.
const AT_ONCE: usize = 4_000;

impl Live {
    /// Takes in one piece of a visit that got an answer and was stored. Until [`Live::apply`] what is shown still counts
    /// as the visit before.
    pub fn take(&self, connection: ConnectionId, piece: &Piece<'_>, at: Timestamp, written: &Written) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let mut connection = connection.write();
        match piece {
            Piece::Entities(told) => connection.describe(told, at, written),
            Piece::Samples(samples) => connection.measure(samples, at, written),
        }
    }

    /// The rest of the visit, once all its pieces are taken in.
    pub fn apply(
        &self,
        connection: ConnectionId,
        snapshot: &Snapshot,
        written: &Written,
        next_at: Timestamp,
        beat: Beat,
    ) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let links = snapshot.links.as_ref();
        let edges = links.map(|links| Edges::new(links, |key| written.ids.get(key).copied()));
        let mut connection = connection.write();
        if let Some(edges) = edges {
            connection.edges = edges;
        }
        connection.finish(snapshot, written, next_at, beat);
    }

    /// A visit got no answer; `revision` when that was stored. `detail` and `remedy` are sentences without secrets.
    pub fn apply_failure(
        &self,
        connection: ConnectionId,
        (detail, remedy): (&str, &str),
        revision: Option<u64>,
        next_at: Timestamp,
        beat: Beat,
    ) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let mut connection = connection.write();
        let since = connection
            .visits
            .failure
            .as_ref()
            .map_or(beat.at, |failure| failure.since);
        connection.visits.failure = Some(Failure {
            since,
            detail: detail.into(),
            remedy: remedy.into(),
        });
        // It no longer answers, which is the greater trouble.
        connection.visits.unstored = None;
        connection.visits.next_at = Some(next_at);
        if let Some(revision) = revision {
            connection.visits.revision = revision;
            connection.note_down(beat.at);
        }
        connection.beat(beat);
    }

    /// What a visit learnt could not be stored, so it is not shown either; this says why the page stands still.
    pub fn note_unstored(&self, connection: ConnectionId, at: Timestamp, next_at: Timestamp, why: &str) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let visits = &mut connection.write().visits;
        let since = visits.unstored.as_ref().map_or(at, |(since, _)| *since);
        visits.unstored = Some((since, why.to_owned()));
        visits.failure = None;
        visits.next_at = Some(next_at);
    }

    pub fn set_uptime(&self, connection: ConnectionId, uptime: Option<f64>) {
        if let Some(connection) = self.connection(connection) {
            connection.write().visits.uptime = uptime;
        }
    }
}

/// So much of a visit as is taken in at once.
#[derive(Debug)]
pub enum Piece<'a> {
    Entities(&'a [Told]),
    Samples(&'a [Sample]),
}

impl<'a> Piece<'a> {
    pub fn of(snapshot: &'a Snapshot) -> impl Iterator<Item = Piece<'a>> {
        let entities = snapshot.entities.chunks(AT_ONCE).map(Piece::Entities);
        entities.chain(snapshot.samples.chunks(AT_ONCE).map(Piece::Samples))
    }

    /// There may be more of its kind.
    pub fn is_full(&self) -> bool {
        let length = match self {
            Piece::Entities(told) => told.len(),
            Piece::Samples(samples) => samples.len(),
        };
        length == AT_ONCE
    }
}

impl Connection {
    fn finish(&mut self, snapshot: &Snapshot, written: &Written, next_at: Timestamp, beat: Beat) {
        self.recall_history(snapshot, written);
        self.discover(snapshot, written);
        for id in &written.deleted {
            if let Some(entity) = self.entities.get_mut(*id) {
                entity.deleted_at = Some(snapshot.at);
            }
        }
        for result in &snapshot.checks {
            if let Some(id) = written.ids.get(&result.entity) {
                self.check(*id, result, snapshot.at);
            }
        }
        self.checks
            .retain(|_, check| snapshot.at.millis_since(check.checked_at) < CHECK_KEPT_MILLIS);
        self.note_answer(snapshot, written.revision, next_at);
        self.sum(snapshot.at);
        self.beat(beat);
        self.forget();
    }

    /// The store keeps the same value for the same visit, of a cluster that has answered before.
    fn note_down(&mut self, at: Timestamp) {
        let cluster = self.ids.get(&EntityKey::cluster()).copied();
        if let Some(cluster) = cluster.and_then(|id| self.entities.get_mut(id)) {
            cluster.readings.put(metrics::UP, at, 0.0, None);
        }
    }

    fn describe(&mut self, entities: &[Told], at: Timestamp, written: &Written) {
        for told in entities {
            let Some(id) = written.ids.get(&told.key) else { continue };
            let attributes = match self.entities.get(*id) {
                Some(known) if *known.attributes == *told.attributes => Arc::clone(&known.attributes),
                _ => self.share(&told.attributes),
            };
            let parent = told.parent.as_ref().and_then(|parent| written.ids.get(parent)).copied();
            let entity = self.seen(*id, &told.key, at);
            entity.attributes = attributes;
            entity.internal = told.internal;
            if entity.stands_for.as_deref() != told.stands_for.as_ref() {
                entity.stands_for = told.stands_for.clone().map(Box::new);
            }
            let is_far_end = entity.stands_for.is_some();
            let before = std::mem::replace(&mut entity.parent, parent);
            self.index.move_part(*id, before, parent);
            self.index.set_far_end(*id, is_far_end);
        }
    }

    fn measure(&mut self, samples: &[Sample], at: Timestamp, written: &Written) {
        // Collectors tell an entity's samples one after the other: it is mostly the entity of the sample before.
        let mut last: Option<(&EntityKey, EntityId)> = None;
        for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
            let id = match last {
                Some((key, id)) if *key == sample.entity => id,
                _ => {
                    let Some(id) = written.ids.get(&sample.entity) else {
                        continue;
                    };
                    last = Some((&sample.entity, *id));
                    *id
                }
            };
            let entity = self.seen(id, &sample.entity, at);
            entity.readings.put(sample.metric, at, sample.value, sample.method);
        }
    }

    /// The newest of what was told with times of its own is the reading, if nothing newer is known. Two values make a
    /// counter's rate, so all that are not older than the last one are taken.
    fn recall_history(&mut self, snapshot: &Snapshot, written: &Written) {
        for series in &snapshot.history {
            let Some(entity) = written
                .ids
                .get(&series.entity)
                .and_then(|id| self.entities.get_mut(*id))
            else {
                continue;
            };
            let last = entity.readings.raw(series.metric).map(|(at, _)| at);
            let recent = series.points.iter().rev().take(RECENT);
            let news: Vec<_> = recent
                .filter(|(at, value)| value.is_finite() && last.is_none_or(|last| *at >= last))
                .collect();
            for (at, value) in news.into_iter().rev() {
                entity.readings.put(series.metric, *at, *value, Some(Method::Exact));
            }
        }
    }

    /// Entities that are only named: by a link, a check or as a parent. Where the whole list of their kind was told
    /// without them, they do not exist.
    fn discover(&mut self, snapshot: &Snapshot, written: &Written) {
        for (key, id) in &written.ids {
            if !self.entities.contains(*id) {
                let missing = snapshot.complete.contains(&key.kind);
                self.seen(*id, key, snapshot.at).deleted_at = missing.then_some(snapshot.at);
            }
        }
    }

    fn seen(&mut self, id: EntityId, key: &EntityKey, at: Timestamp) -> &mut Entity {
        let (ids, index) = (&mut self.ids, &mut self.index);
        let entity = self.entities.get_or_insert_with(id, || {
            let key = Arc::new(key.clone());
            ids.insert(Arc::clone(&key), id);
            index.add(id, key.kind.role());
            Entity::new(id, key, at)
        });
        entity.last_seen = at;
        entity.deleted_at = None;
        entity
    }

    fn check(&mut self, entity: EntityId, result: &CheckResult, at: Timestamp) {
        let check = self
            .checks
            .entry((entity, result.check.clone()))
            .or_insert_with(|| Check {
                status: result.status,
                text: String::new(),
                absent: None,
                since: at,
                checked_at: at,
                changes: [].into(),
            });
        if check.status != result.status || check.changes.is_empty() {
            check.since = at;
            check.changes.push_front(CheckChange {
                at,
                status: result.status,
                text: result.text.clone(),
            });
            check.changes.truncate(CHANGES);
        }
        check.status = result.status;
        check.text.clone_from(&result.text);
        check.absent = result.absent;
        check.checked_at = at;
    }

    fn note_answer(&mut self, snapshot: &Snapshot, revision: u64, next_at: Timestamp) {
        let visits = &mut self.visits;
        let interval = next_at.millis_since(snapshot.at);
        if interval > 0 {
            // The schedule begins at a random moment, so the first gap may be a short one.
            visits.interval_millis = Some(interval);
        }
        visits.answered_at = Some(snapshot.at);
        visits.next_at = Some(next_at);
        visits.failure = None;
        visits.unstored = None;
        visits.server.clone_from(&snapshot.server);
        visits.warnings = Warnings::new(snapshot.warnings.clone());
        visits.cost = Some(snapshot.cost);
        visits.revision = revision;
    }
}
