//! A store in a folder of its own, and short ways to say what a broker said.

use std::path::PathBuf;
use std::time::Duration;

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    ConnectionId, Entity, EntityId, EntityKey, EntityKind, MetricId, Sample, Settings, Snapshot, Status, System,
    Timestamp,
};
use brokerscope_store::{NewConnection, Retention, Store, StoreOptions, Written};
use tempfile::TempDir;

/// A Monday, midnight UTC: days and rollups begin here.
pub const MIDNIGHT: i64 = 1_767_571_200_000;
pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;

/// A store with one connection.
pub struct Bench {
    pub store: Store,
    pub connection: ConnectionId,
    folder: TempDir,
}

impl Bench {
    pub async fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(folder.path().join("test.db")))
            .await
            .unwrap();
        let connection = store.add_connection(&new_connection("rabbit")).await.unwrap().id;
        Bench {
            store,
            connection,
            folder,
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// Closes the store and opens the same file again.
    pub async fn reopen(self) -> Bench {
        self.store.close().await;
        let options = StoreOptions::new(self.path());
        let Bench {
            store,
            connection,
            folder,
        } = self;
        drop(store);
        let store = Store::open(&options).await.unwrap();
        Bench {
            store,
            connection,
            folder,
        }
    }

    pub async fn write(&self, snapshot: &Snapshot) -> Written {
        self.store
            .write_snapshot(self.connection, snapshot, &beat(snapshot.at))
            .await
            .unwrap()
    }

    /// Stores one value and returns the entity's id.
    pub async fn measure(&self, at: i64, key: &EntityKey, metric: MetricId, value: f64) -> EntityId {
        let written = self.write(&measured(at, key, metric, value)).await;
        written.ids[key]
    }

    /// Every stored point of the series.
    pub async fn all_points(&self, entity: EntityId, metric: MetricId) -> Vec<(i64, f64)> {
        let points = self
            .store
            .points(entity, metric, Timestamp(0), Timestamp(i64::MAX))
            .await
            .unwrap();
        points.into_iter().map(|(at, value)| (at.0, value)).collect()
    }
}

pub fn new_connection(name: &str) -> NewConnection {
    NewConnection {
        name: name.into(),
        system: System::RabbitMq,
        origin: Origin::Page,
        paused: false,
        settings: Settings::from([("url".into(), "http://127.0.0.1:15672".into())]),
        sealed: Some(vec![0, 159, 146, 150]),
        created_at: Timestamp(MIDNIGHT),
    }
}

pub fn beat(at: Timestamp) -> Beat {
    Beat {
        at,
        status: Status::Ok,
        text: String::new(),
    }
}

pub fn queue(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Queue, ["/", name])
}

pub fn snapshot(at: i64) -> Snapshot {
    Snapshot::empty(Timestamp(at))
}

/// A snapshot in which these queues are all that there are.
pub fn listed(at: i64, names: &[&str]) -> Snapshot {
    Snapshot {
        entities: names.iter().map(|name| Entity::new(queue(name))).collect(),
        complete: vec![EntityKind::Queue],
        ..snapshot(at)
    }
}

pub fn measured(at: i64, key: &EntityKey, metric: MetricId, value: f64) -> Snapshot {
    Snapshot {
        samples: vec![Sample::new(key.clone(), metric, value)],
        ..snapshot(at)
    }
}

pub fn keep(age: i64, rollup_age: i64) -> Retention {
    Retention {
        age: Duration::from_millis(age as u64),
        rollup_age: Duration::from_millis(rollup_age as u64),
        max_bytes: None,
    }
}
