//! All connections in memory, each behind a lock of its own, so that writing one never holds up reading another.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use brokerscope_contract::{ConnectionId, EntityId, Judgement, Timestamp};

use super::{Connection, Known};

type Table = BTreeMap<ConnectionId, Arc<Shared>>;

/// The live view. Reading and writing take microseconds to a few milliseconds; nothing waits for I/O in here.
#[derive(Debug, Default)]
pub struct Live {
    table: RwLock<Table>,
}

/// One connection behind its lock. A panic while writing leaves numbers that are at worst half a visit old, which is
/// better than no page at all: a poisoned lock is taken all the same.
#[derive(Debug)]
pub struct Shared(RwLock<Connection>);

impl Shared {
    pub fn read(&self) -> RwLockReadGuard<'_, Connection> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn write(&self) -> std::sync::RwLockWriteGuard<'_, Connection> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Live {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes over what is configured: new connections begin empty, changed ones keep what is known, others go.
    pub fn set_connections(&self, known: Vec<Known>, _now: Timestamp) {
        let mut table = self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut before = std::mem::take(&mut *table);
        for known in known {
            let id = known.id;
            let shared = before
                .remove(&id)
                .unwrap_or_else(|| share(Connection::new(known.clone())));
            shared.write().configure(known);
            table.insert(id, shared);
        }
    }

    /// Puts a connection that was loaded from the store in its place.
    pub(super) fn put(&self, connection: Connection) {
        let mut table = self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        table.insert(connection.known.id, share(connection));
    }

    /// One connection, to read or to write.
    pub fn connection(&self, id: ConnectionId) -> Option<Arc<Shared>> {
        self.read().get(&id).cloned()
    }

    /// All connections, in the order of their ids.
    pub fn all(&self) -> Vec<Arc<Shared>> {
        self.read().values().cloned().collect()
    }

    /// Whether there is, or lately was, such an entity.
    pub fn knows(&self, entity: EntityId) -> bool {
        self.read()
            .values()
            .any(|connection| connection.read().entities.contains(entity))
    }

    pub fn revision(&self, connection: ConnectionId) -> Option<u64> {
        self.connection(connection)
            .map(|connection| connection.read().visits.revision)
    }

    /// Shows new judgements; the one on the cluster is the connection's own.
    pub fn judge(&self, connection: ConnectionId, judgements: Vec<(EntityId, Judgement)>) {
        let Some(connection) = self.connection(connection) else {
            return;
        };
        let mut connection = connection.write();
        for (id, judgement) in judgements {
            if let Some(entity) = connection.entities.get_mut(id) {
                entity.judgement = Some(judgement.clone());
                if entity.kind() == brokerscope_contract::EntityKind::Cluster {
                    connection.judgement = Some(judgement);
                }
            }
        }
    }
}

fn share(connection: Connection) -> Arc<Shared> {
    Arc::new(Shared(RwLock::new(connection)))
}

impl Connection {
    /// Other settings may reach another broker, or none: what failed before says nothing about them.
    fn configure(&mut self, known: Known) {
        if known.settings != self.known.settings
            || known.paused != self.known.paused
            || known.trouble != self.known.trouble
        {
            self.visits.failure = None;
            self.visits.next_at = None;
        }
        self.known = known;
    }
}
