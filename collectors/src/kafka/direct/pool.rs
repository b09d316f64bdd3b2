//! Connections to brokers, kept between visits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::config::{Address, Config};
use super::super::wire::{Broker, Trouble};
use super::connection::{Connection, Cost};
use super::login;

/// Idle connections kept to one broker: as many as an ordinary visit uses at once. Now and then a visit has more
/// questions, and opens connections for them that it does not keep.
const MOST_IDLE: usize = 2;

pub struct Pool {
    config: Config,
    /// By broker id; one that is in use is not in here.
    idle: Mutex<HashMap<i32, Vec<(Address, Connection)>>>,
    cost: Arc<Cost>,
}

impl Pool {
    pub fn new(config: Config) -> Pool {
        Pool {
            config,
            idle: Mutex::default(),
            cost: Arc::default(),
        }
    }

    /// An open connection that is logged in: one that was given back, or a new one. Whoever takes it gives it back
    /// only when its last question was answered; otherwise a late answer would be taken for that of the next one.
    pub async fn take(&self, broker: &Broker) -> Result<Connection, Trouble> {
        let address = address(broker);
        while let Some((at, mut connection)) = self.kept(broker.id) {
            if at == address && connection.is_open() {
                return Ok(connection);
            }
        }
        let mut connection = Connection::open(&self.config, &address, Arc::clone(&self.cost)).await?;
        login::log_in(&self.config, &mut connection).await?;
        Ok(connection)
    }

    pub fn give_back(&self, broker: &Broker, connection: Connection) {
        let mut idle = self.lock();
        let kept = idle.entry(broker.id).or_default();
        if kept.len() < MOST_IDLE {
            kept.push((address(broker), connection));
        }
    }

    /// Closes what is idle, as when the cluster cannot be reached: nothing is to knock while it is left alone.
    pub fn close(&self) {
        self.lock().clear();
    }

    /// Requests sent and bytes received since the last call.
    pub fn take_cost(&self) -> (u32, u64) {
        self.cost.take()
    }

    fn kept(&self, broker: i32) -> Option<(Address, Connection)> {
        self.lock().get_mut(&broker)?.pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Vec<(Address, Connection)>>> {
        // Nothing that can panic happens under the lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(broker: &Broker) -> Address {
    Address {
        host: broker.host.clone(),
        port: broker.port,
    }
}
