//! Every change of a connection, one at a time: checked, stored, recorded, and then taken up by the runners.

use std::sync::Arc;

use brokerscope_collectors::{Factory, Supervisor};
use brokerscope_contract::api::connections::ConnectionRequest;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, FieldProblem, System};
use brokerscope_store::{NewConnection, Store, StoreError, StoredConnection};
use tokio::sync::{Mutex, Semaphore};

use super::change::{self, Accepted};
use super::error::ConnectionError;
use super::sealing;
use crate::clock::Clock;
use crate::events::Events;
use crate::live::Live;
use crate::secrets::Vault;
use crate::settings::Secrets;

/// Tests at once. Each opens connections to a broker, and nobody presses the button faster than this.
const TESTS_AT_ONCE: usize = 4;

/// The door through which connections change.
pub struct Connections {
    pub(super) store: Store,
    pub(super) vault: Vault,
    pub(super) live: Arc<Live>,
    pub(super) events: Events,
    pub(super) clock: Clock,
    /// Held during a whole change, so that two changes never mix. Gone after shutdown.
    pub(super) runners: Mutex<Option<Supervisor>>,
    pub(super) tests: Arc<Semaphore>,
}

impl Connections {
    pub fn new(
        store: Store,
        vault: Vault,
        live: Arc<Live>,
        events: Events,
        clock: Clock,
        runners: Supervisor,
    ) -> Connections {
        Connections {
            store,
            vault,
            live,
            events,
            clock,
            runners: Mutex::new(Some(runners)),
            tests: Arc::new(Semaphore::new(TESTS_AT_ONCE)),
        }
    }

    pub async fn add(self: &Arc<Self>, request: &ConnectionRequest) -> Result<ConnectionId, ConnectionError> {
        let request = request.clone();
        self.to_its_end(|all| async move { all.adding(&request).await }).await
    }

    pub async fn update(
        self: &Arc<Self>,
        id: ConnectionId,
        request: &ConnectionRequest,
    ) -> Result<(), ConnectionError> {
        let request = request.clone();
        self.to_its_end(move |all| async move { all.updating(id, &request).await })
            .await
    }

    pub async fn pause(self: &Arc<Self>, id: ConnectionId, paused: bool) -> Result<(), ConnectionError> {
        self.to_its_end(move |all| async move { all.pausing(id, paused).await })
            .await
    }

    /// Removes the connection with everything that was stored about it.
    pub async fn delete(self: &Arc<Self>, id: ConnectionId) -> Result<(), ConnectionError> {
        self.to_its_end(move |all| async move { all.deleting(id).await }).await
    }

    /// Who asked for a change may be gone before it is complete: a connection that is stored and not taken up, or
    /// deleted and still visited, must not be left behind.
    async fn to_its_end<T, F>(
        self: &Arc<Self>,
        change: impl FnOnce(Arc<Connections>) -> F,
    ) -> Result<T, ConnectionError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ConnectionError>> + Send + 'static,
    {
        let changed = tokio::spawn(change(Arc::clone(self))).await;
        changed.unwrap_or(Err(ConnectionError::Store(StoreError::Closed)))
    }

    async fn adding(&self, request: &ConnectionRequest) -> Result<ConnectionId, ConnectionError> {
        let factory = factory(request.system)?;
        let accepted = change::accept(factory.as_ref(), request, &Secrets::new())?;
        let mut runners = self.runners.lock().await;
        let new = NewConnection {
            sealed: sealing::seal(&self.vault, &accepted.name, &accepted.secrets)?,
            name: accepted.name,
            system: request.system,
            origin: Origin::Page,
            paused: false,
            settings: accepted.settings,
            created_at: self.clock.now(),
        };
        let stored = self.store.add_connection(&new).await?;
        self.record("connection.add", &stored).await;
        self.refresh(&mut runners).await?;
        Ok(stored.id)
    }

    async fn updating(&self, id: ConnectionId, request: &ConnectionRequest) -> Result<(), ConnectionError> {
        let factory = factory(request.system)?;
        let mut runners = self.runners.lock().await;
        let mut stored = self.changeable(id).await?;
        if stored.system != request.system {
            let detail = format!("this connection watches {}", stored.system.label());
            let remedy = "Add another connection for another system.";
            return Err(ConnectionError::Invalid(vec![FieldProblem::new(
                "system", detail, remedy,
            )]));
        }
        let kept = sealing::open(&self.vault, &stored.name, stored.sealed.as_deref());
        if kept.is_err() {
            change::check_locked(factory.as_ref(), request)?;
        }
        let accepted = change::accept(factory.as_ref(), request, &kept.unwrap_or_default())?;
        self.put(&mut stored, accepted)?;
        self.store.update_connection(&stored).await?;
        self.record("connection.change", &stored).await;
        self.refresh(&mut runners).await
    }

    async fn pausing(&self, id: ConnectionId, paused: bool) -> Result<(), ConnectionError> {
        let mut runners = self.runners.lock().await;
        let mut stored = self.changeable(id).await?;
        if stored.paused == paused {
            return Ok(());
        }
        stored.paused = paused;
        self.store.update_connection(&stored).await?;
        let action = if paused {
            "connection.pause"
        } else {
            "connection.resume"
        };
        self.record(action, &stored).await;
        self.refresh(&mut runners).await
    }

    async fn deleting(&self, id: ConnectionId) -> Result<(), ConnectionError> {
        let mut runners = self.runners.lock().await;
        let stored = self.changeable(id).await?;
        self.store.delete_connection(id).await?;
        self.record("connection.delete", &stored).await;
        self.refresh(&mut runners).await
    }

    /// Stops every runner. Changes are still stored afterwards, but nothing is visited any more.
    pub async fn shutdown(&self) {
        if let Some(runners) = self.runners.lock().await.take() {
            runners.shutdown().await;
        }
    }

    pub(super) fn put(&self, stored: &mut StoredConnection, accepted: Accepted) -> Result<(), ConnectionError> {
        stored.sealed = sealing::seal(&self.vault, &accepted.name, &accepted.secrets)?;
        stored.name = accepted.name;
        stored.settings = accepted.settings;
        Ok(())
    }

    /// The stored secrets; none when they cannot be opened, so that typing them again repairs the connection.
    pub(super) fn kept_secrets(&self, stored: &StoredConnection) -> Secrets {
        sealing::open(&self.vault, &stored.name, stored.sealed.as_deref()).unwrap_or_default()
    }

    pub(super) async fn record(&self, action: &str, connection: &StoredConnection) {
        let detail = format!("{} ({})", connection.name, connection.system.slug());
        tracing::info!(action, connection = connection.id.0, name = %connection.name, "connections changed");
        if let Err(error) = self.store.audit(self.clock.now(), action, &detail).await {
            tracing::warn!(action, %error, "the audit log could not be written");
        }
    }

    async fn changeable(&self, id: ConnectionId) -> Result<StoredConnection, ConnectionError> {
        let stored = self.store.connection(id).await?.ok_or(ConnectionError::NotFound)?;
        match stored.origin {
            Origin::File => Err(ConnectionError::Declared(stored.name)),
            Origin::Demo => Err(ConnectionError::Demo(stored.name)),
            Origin::Page | Origin::BuiltIn => Ok(stored),
        }
    }
}

pub(super) fn factory(system: System) -> Result<Box<dyn Factory>, ConnectionError> {
    brokerscope_collectors::factory(system).ok_or_else(|| {
        ConnectionError::Invalid(vec![FieldProblem::new(
            "system",
            format!("this binary was built without {}", system.label()),
            format!("Use a build with the feature \"{}\".", system.slug()),
        )])
    })
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
