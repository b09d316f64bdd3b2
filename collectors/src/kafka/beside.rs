//! The clients of what stands beside the brokers, asked together with them and never waited for beyond a deadline.

use std::time::Duration;

use brokerscope_contract::Timestamp;
use tokio::time::Instant;

use super::config::Config;
use super::digest::Beside;
use super::memory::Memory;
use super::rest::Client;
use super::wire::Metadata;
use super::{connect, registry};

/// One for each service that is configured.
pub struct Clients {
    connect: Option<Client>,
    registry: Option<Client>,
}

impl Clients {
    /// Opens no connection.
    pub fn new(config: &Config) -> Clients {
        // Certificates were checked with the settings, so that there is nothing left that a client could object to.
        let client = |service: &Option<_>| service.as_ref().and_then(|service| Client::new(service).ok());
        Clients {
            connect: client(&config.connect),
            registry: client(&config.registry),
        }
    }

    /// Asks both at once when it is time to.
    pub async fn ask(
        &self,
        due: bool,
        memory: &Memory,
        metadata: &Metadata,
        at: Timestamp,
        patience: Duration,
    ) -> Beside {
        if !due {
            return Beside::default();
        }
        let deadline = Instant::now() + patience;
        let connect = async {
            let client = self.connect.as_ref()?;
            Some(connect::ask(client, &memory.connect, deadline).await)
        };
        let registry = async {
            let client = self.registry.as_ref()?;
            let topics: Vec<&str> = metadata.topics.iter().map(|topic| topic.name.as_str()).collect();
            Some(registry::ask(client, &memory.registry, &topics, at, deadline).await)
        };
        let (connect, registry) = tokio::join!(connect, registry);
        Beside { connect, registry }
    }

    /// What was spent since the last call: requests sent and bytes received.
    pub fn take_cost(&self) -> (u32, u64) {
        let clients = [&self.connect, &self.registry].into_iter().flatten();
        let costs = clients.map(Client::take_cost);
        costs.fold((0, 0), |sum, cost| {
            (sum.0.saturating_add(cost.0), sum.1.saturating_add(cost.1))
        })
    }
}
