//! A small world for tests: a real store in a folder of its own, everything behind it, and visits made by hand.

use std::sync::Arc;
use std::time::Duration;

use brokerscope_collectors::{CollectError, Visit};
use brokerscope_contract::api::events::Event;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    ConnectionId, Entity, EntityId, EntityKey, EntityKind, Evidence, Judgement, Link, LinkKind, MetricId, Role, Sample,
    Settings, Snapshot, System, Timestamp, Verdict, metrics,
};
use brokerscope_store::{NewConnection, Store, StoreOptions};
use tempfile::TempDir;
use tokio::sync::broadcast;

use super::run::{Ingest, Intake};
use crate::alerts::Alerts;
use crate::clock::{Clock, Hand};
use crate::events::Events;
use crate::live::{Known, Live};
use crate::notify::Webhook;
use crate::secrets::{Key, Vault};

/// Noon of some day.
pub const START: Timestamp = Timestamp(1_700_049_600_000);
/// Between two visits.
pub const INTERVAL: i64 = 15_000;

pub struct World {
    pub store: Store,
    pub live: Arc<Live>,
    pub alerts: Arc<Alerts>,
    pub webhook: Arc<Webhook>,
    pub news: broadcast::Receiver<Event>,
    pub hand: Hand,
    pub clock: Clock,
    pub id: ConnectionId,
    known: Known,
    intake: Intake,
    /// What a clock that only goes forward shows.
    steady: Duration,
    /// Last, so that the folder outlives the store.
    folder: TempDir,
}

impl World {
    /// One connection, never visited.
    pub async fn new(system: System) -> World {
        let folder = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(START);
        let store = open(&folder).await;
        let new = NewConnection {
            name: "shop".into(),
            system,
            origin: Origin::Page,
            paused: false,
            settings: Settings::new(),
            sealed: None,
            created_at: START,
        };
        store.add_connection(&new).await.unwrap();
        World::over(folder, store, clock, hand).await
    }

    async fn over(folder: TempDir, store: Store, clock: Clock, hand: Hand) -> World {
        let stored = store.connections().await.unwrap().remove(0);
        let known = Known {
            id: stored.id,
            name: stored.name,
            system: stored.system,
            origin: stored.origin,
            paused: stored.paused,
            settings: stored.settings,
            secrets_set: Vec::new(),
            trouble: None,
        };
        let live = Arc::new(Live::load(&store, clock.now()).await.unwrap());
        live.set_connections(vec![known.clone()], clock.now());
        let events = Events::new();
        let vault = Vault::new(&Key::parse(&"a".repeat(64), "a test").unwrap()).unwrap();
        let webhook = Arc::new(Webhook::load(store.clone(), vault, clock.clone()).await.unwrap());
        let alerts = Alerts::load(store.clone(), live.clone(), events.clone(), webhook.clone())
            .await
            .unwrap();
        let alerts = Arc::new(alerts);
        World {
            news: events.subscribe(),
            intake: Intake::new(Ingest {
                store: store.clone(),
                live: live.clone(),
                alerts: alerts.clone(),
                events,
                clock: clock.clone(),
            }),
            store,
            live,
            alerts,
            webhook,
            hand,
            clock,
            id: known.id,
            known,
            steady: Duration::ZERO,
            folder,
        }
    }

    /// The same data in a process of its own, `pause_millis` later.
    pub async fn restart(self, pause_millis: i64) -> World {
        let World {
            store,
            folder,
            clock,
            hand,
            intake,
            live,
            alerts,
            webhook,
            ..
        } = self;
        hand.advance_millis(pause_millis);
        drop((intake, live, alerts, webhook));
        store.close().await;
        drop(store);
        let store = open(&folder).await;
        World::over(folder, store, clock, hand).await
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass without a visit.
    pub fn wait(&mut self, millis: i64) {
        self.hand.advance_millis(millis);
        self.steady += Duration::from_millis(u64::try_from(millis).unwrap());
    }

    /// Moves the clock as a person would; a clock that only goes forward does not notice.
    pub fn move_clock(&mut self, millis: i64) {
        self.hand.advance_millis(millis);
    }

    /// The next visit, 15 s after the one before, which brings home what `fill` puts into the snapshot.
    pub async fn visit(&mut self, fill: impl FnOnce(&mut Snapshot)) {
        self.wait(INTERVAL);
        let at = self.now();
        let mut snapshot = Snapshot::empty(at);
        snapshot
            .samples
            .push(Sample::new(EntityKey::cluster(), metrics::UP, 1.0));
        fill(&mut snapshot);
        self.take(Ok(snapshot)).await;
    }

    /// The next visit, which nobody answers.
    pub async fn fail(&mut self) {
        self.wait(INTERVAL);
        self.take(Err(CollectError::Unreachable {
            detail: "Connection refused by 127.0.0.1:9.".into(),
            remedy: "Check that the broker runs.".into(),
        }))
        .await;
    }

    async fn take(&mut self, outcome: Result<Snapshot, CollectError>) {
        let at = self.now();
        let visit = Visit {
            connection: self.id,
            at,
            outcome,
            next_at: at.plus_millis(INTERVAL),
            seconds: 0.04,
        };
        self.intake.take(visit, self.steady).await;
    }

    /// As after a change on the page.
    pub fn configure(&mut self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known);
        self.live.set_connections(vec![self.known.clone()], self.now());
    }

    pub fn entity(&self, key: &EntityKey) -> EntityId {
        let connection = self.live.connection(self.id).unwrap();
        let connection = connection.read();
        connection.entity(key).unwrap().id
    }

    pub fn judgement(&self, key: &EntityKey) -> Judgement {
        let connection = self.live.connection(self.id).unwrap();
        let connection = connection.read();
        connection.entity_judgement(connection.entity(key).unwrap(), self.now())
    }

    pub fn verdict(&self, key: &EntityKey) -> Verdict {
        self.judgement(key).verdict
    }

    pub fn rows(&self, role: Role) -> Vec<brokerscope_contract::api::entities::EntityRow> {
        self.live
            .rows(role, &Default::default(), self.now())
            .unwrap()
            .page
            .items
    }
}

async fn open(folder: &TempDir) -> Store {
    Store::open(&StoreOptions::new(folder.path().join("brokerscope.db")))
        .await
        .unwrap()
}

pub fn queue(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Queue, ["/", name])
}

pub fn exchange(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Exchange, ["/", name])
}

/// The entity and its values.
pub fn put(snapshot: &mut Snapshot, key: &EntityKey, values: &[(MetricId, f64)]) {
    snapshot.entities.push(Entity::new(key.clone()));
    let samples = values
        .iter()
        .map(|(metric, value)| Sample::new(key.clone(), *metric, *value));
    snapshot.samples.extend(samples);
}

/// Topic `orders` with one partition, read by group `billing`: end offset, committed offset and members.
pub fn put_group(snapshot: &mut Snapshot, end: f64, committed: f64, members: f64) {
    let lag = [(metrics::LAG, end - committed)];
    put(
        snapshot,
        &topic(),
        &[(metrics::KAFKA_END_OFFSET, end), (metrics::KAFKA_PARTITIONS, 1.0)],
    );
    put(snapshot, &group(), &[(metrics::CONSUMERS, members), lag[0]]);
    let part = EntityKey::new(EntityKind::GroupPartition, ["billing", "orders", "0"]);
    let offsets = [
        (metrics::KAFKA_END_OFFSET, end),
        (metrics::KAFKA_COMMITTED_OFFSET, committed),
        lag[0],
    ];
    put(snapshot, &part, &offsets);
    if let Some(entity) = snapshot.entities.last_mut() {
        entity.parent = Some(group());
    }
}

/// One that the broker declares, without a label.
pub fn link(from: &EntityKey, to: &EntityKey, kind: LinkKind) -> Link {
    Link {
        from: from.clone(),
        to: to.clone(),
        kind,
        label: None,
        evidence: Evidence::Declared,
    }
}

pub fn topic() -> EntityKey {
    EntityKey::new(EntityKind::Topic, ["orders"])
}

pub fn group() -> EntityKey {
    EntityKey::new(EntityKind::ConsumerGroup, ["billing"])
}
