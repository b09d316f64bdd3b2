//! One visit after the other, until the runners have ended.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use brokerscope_collectors::{CollectError, Visit};
use brokerscope_contract::api::events::Event;
use brokerscope_contract::{ConnectionId, Snapshot, Timestamp};
use brokerscope_store::{Store, StoreError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::steps::Steps;
use super::watch::Watch;
use super::{beat, judging};
use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::events::Events;
use crate::live::{Live, Piece, UPTIME_MILLIS};

/// The share of answered visits is counted anew this often; it hardly changes and is not free.
const UPTIME_EVERY_MILLIS: i64 = 300_000;

/// Between two pieces of a large visit, for the pages that wait to read.
const FOR_PAGES: Duration = Duration::from_millis(1);

/// The rooms that a visit passes through.
pub struct Ingest {
    pub store: Store,
    pub live: Arc<Live>,
    pub alerts: Arc<Alerts>,
    pub events: Events,
    pub clock: Clock,
}

/// Takes in visits until every sender is gone; what has arrived by then is still stored.
pub async fn run(mut arriving: mpsc::Receiver<Visit>, rooms: Ingest) {
    let _warming = warm(&rooms);
    let mut intake = Intake::new(rooms);
    let born = Instant::now();
    let mut news = intake.rooms.events.subscribe();
    loop {
        tokio::select! {
            visit = arriving.recv() => match visit {
                Some(visit) => intake.take(visit, born.elapsed()).await,
                None => return,
            },
            // Too many events to follow count as one that matters.
            event = news.recv() => if matches!(event, Ok(Event::Connections) | Err(RecvError::Lagged(_))) {
                intake.sweep().await;
            },
        }
    }
}

/// The lines of the last hour, read beside the first visits.
fn warm(rooms: &Ingest) -> AbortOnDropHandle<()> {
    let (live, store, now) = (rooms.live.clone(), rooms.store.clone(), rooms.clock.now());
    AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = live.warm(&store, now).await {
            tracing::warn!(%error, "the lines of the last hour could not be read; they fill up from now on");
        }
    }))
}

/// Where visits are taken in, one at a time.
pub(super) struct Intake {
    rooms: Ingest,
    watches: HashMap<ConnectionId, Watch>,
    steps: Steps,
    counted: HashMap<ConnectionId, Timestamp>,
    /// Connections whose visits cannot be stored at present: said once in the log.
    unstored: HashSet<ConnectionId>,
}

impl Intake {
    pub fn new(rooms: Ingest) -> Intake {
        Intake {
            rooms,
            watches: HashMap::new(),
            steps: Steps::default(),
            counted: HashMap::new(),
            unstored: HashSet::new(),
        }
    }

    /// `steady` is the time since any fixed moment, by a clock that only goes forward.
    pub async fn take(&mut self, visit: Visit, steady: Duration) {
        let now = self.rooms.clock.now();
        if self.steps.jumped(now, steady) {
            tracing::warn!("the clock jumped: verdicts and alerts begin to wait anew");
            self.watches.values_mut().for_each(|watch| watch.reset(now));
            warn(self.rooms.alerts.clock_jumped(now).await);
        }
        let id = visit.connection;
        let stored = match &visit.outcome {
            Ok(_) => self.answered(visit).await,
            Err(error) => self.failed(&visit, error).await,
        };
        match stored {
            Ok(revision) => {
                self.unstored.remove(&id);
                self.count(id, now).await;
                self.rooms.events.send(Event::Revision {
                    connection: id,
                    revision,
                });
            }
            // Deleted while the visit was under way: there is nobody to tell.
            Err(StoreError::NotFound(_)) => self.drop_connection(id),
            Err(error) if self.unstored.insert(id) => {
                tracing::error!(connection = id.0, %error, "a visit could not be stored; said once until it can be again");
            }
            Err(_) => {}
        }
    }

    async fn answered(&mut self, visit: Visit) -> Result<u64, StoreError> {
        let (id, next_at) = (visit.connection, visit.next_at);
        let Ok(mut snapshot) = visit.outcome else {
            return Err(StoreError::NotFound("visit"));
        };
        let rooms = &self.rooms;
        let shared = rooms.live.connection(id).ok_or(StoreError::NotFound("connection"))?;
        let (at, beat) = {
            let connection = shared.read();
            let watch = self.watches.entry(id).or_insert_with(|| Watch::new(&connection));
            watch.observe(&mut snapshot, &connection);
            (snapshot.at, beat::answered(&snapshot, &connection.defs))
        };
        let written = match rooms.store.write_snapshot(id, &snapshot, &beat).await {
            Ok(written) => written,
            Err(error) => {
                rooms.live.note_unstored(id, at, next_at, &error.to_string());
                return Err(error);
            }
        };
        for piece in Piece::of(&snapshot) {
            rooms.live.take(id, &piece, at, &written);
            if piece.is_full() {
                tokio::time::sleep(FOR_PAGES).await;
            }
        }
        rooms.live.apply(id, &snapshot, &written, next_at, beat);
        self.judge(id, &snapshot, &written.deleted).await;
        self.evaluate(id, at).await;
        Ok(written.revision)
    }

    async fn judge(&mut self, id: ConnectionId, snapshot: &Snapshot, deleted: &[brokerscope_contract::EntityId]) {
        let rooms = &self.rooms;
        let (Some(shared), Some(watch)) = (rooms.live.connection(id), self.watches.get_mut(&id)) else {
            return;
        };
        let judged = {
            let connection = shared.read();
            watch.observe_new(&connection);
            watch.forget(deleted, &connection);
            judging::judge(watch, &connection, snapshot.at)
        };
        rooms.live.judge(id, judged.changed);
        if let Err(error) = rooms.store.save_judgements(&judged.verdicts).await {
            // They are judged anew after a restart; only "since when" would be lost.
            tracing::warn!(connection = id.0, %error, "judgements could not be stored");
        }
    }

    async fn failed(&self, visit: &Visit, error: &CollectError) -> Result<u64, StoreError> {
        let (id, rooms) = (visit.connection, &self.rooms);
        let beat = beat::failed(visit.at, error);
        let stored = rooms.store.write_failed_visit(id, &beat).await;
        // That the broker does not answer is worth showing even when it cannot be stored.
        let words = (beat.text.clone(), error.remedy().to_owned());
        rooms.live.apply_failure(
            id,
            (&words.0, &words.1),
            stored.as_ref().ok().copied(),
            visit.next_at,
            beat,
        );
        let revision = stored?;
        self.evaluate(id, visit.at).await;
        Ok(revision)
    }

    async fn evaluate(&self, id: ConnectionId, at: Timestamp) {
        warn(self.rooms.alerts.evaluate(id, at).await);
    }

    async fn count(&mut self, id: ConnectionId, now: Timestamp) {
        let last = self.counted.get(&id);
        if last.is_some_and(|last| (0..UPTIME_EVERY_MILLIS).contains(&now.millis_since(*last))) {
            return;
        }
        self.counted.insert(id, now);
        match self.rooms.store.uptime(id, now.plus_millis(-UPTIME_MILLIS)).await {
            Ok(uptime) => self.rooms.live.set_uptime(id, uptime),
            Err(error) => {
                tracing::warn!(connection = id.0, %error, "the share of answered visits could not be counted")
            }
        }
    }

    /// Connections were added, changed or removed.
    async fn sweep(&mut self) {
        let live = self.rooms.live.clone();
        self.watches.retain(|id, _| live.connection(*id).is_some());
        self.counted.retain(|id, _| live.connection(*id).is_some());
        warn(self.rooms.alerts.sweep(self.rooms.clock.now()).await);
    }

    fn drop_connection(&mut self, id: ConnectionId) {
        self.watches.remove(&id);
        self.counted.remove(&id);
        self.unstored.remove(&id);
    }
}

/// Alerts that could not be stored are judged again after the next visit.
fn warn(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "alerts could not be stored");
    }
}
