//! The connection to the demo's broker, which comes and goes with the demo.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, System};
use brokerscope_store::{NewConnection, StoreError};
use serde_json::json;

use super::error::ConnectionError;
use super::registry::Connections;

/// The demo is there to be looked at, so it is visited as often as a system allows.
const INTERVAL_SECONDS: u32 = 5;

impl Connections {
    /// Adds the connection, in place of any that is left of an earlier run: the broker of that one is gone.
    pub async fn add_demo(&self, bootstrap_servers: &str) -> Result<ConnectionId, ConnectionError> {
        let mut runners = self.runners.lock().await;
        self.forget_demo().await?;
        let servers: Vec<&str> = bootstrap_servers.split(',').collect();
        let settings = [
            ("bootstrap_servers".to_string(), json!(servers)),
            ("interval_seconds".to_string(), json!(INTERVAL_SECONDS)),
        ];
        let mut new = NewConnection {
            name: "Demo shop".to_string(),
            system: System::Kafka,
            origin: Origin::Demo,
            paused: false,
            settings: settings.into(),
            sealed: None,
            created_at: self.clock.now(),
        };
        let stored = match self.store.add_connection(&new).await {
            Err(StoreError::NameTaken(_)) => {
                new.name = "Demo shop (built in)".to_string();
                self.store.add_connection(&new).await?
            }
            outcome => outcome?,
        };
        self.record("demo.on", &stored).await;
        self.refresh(&mut runners).await?;
        Ok(stored.id)
    }

    /// Removes the connection with everything that was stored about it. Does nothing when there is none.
    pub async fn remove_demo(&self) -> Result<(), ConnectionError> {
        let mut runners = self.runners.lock().await;
        self.forget_demo().await?;
        self.refresh(&mut runners).await
    }

    /// Removes it from the store only: for the start, before anything is visited.
    pub async fn forget_demo(&self) -> Result<(), ConnectionError> {
        let stored = self.store.connections().await?;
        for connection in stored.iter().filter(|stored| stored.origin == Origin::Demo) {
            self.store.delete_connection(connection.id).await?;
            self.record("demo.off", connection).await;
        }
        Ok(())
    }
}
