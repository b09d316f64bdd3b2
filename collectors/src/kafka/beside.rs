//! The clients of what stands beside the brokers, asked together with them and never waited for beyond a deadline.

use std::time::Duration;

use brokerscope_contract::Timestamp;
use tokio::time::Instant;

use super::config::Config;
use super::digest::Beside;
use super::memory::Memory;
use super::rest::{Client, Failure};
use super::wire::Metadata;
use super::{connect, registry};

/// One for each service that is configured.
pub struct Clients {
    connect: Option<Result<Client, Failure>>,
    registry: Option<Result<Client, Failure>>,
}

impl Clients {
    /// Opens no connection.
    pub fn new(config: &Config) -> Clients {
        Clients {
            connect: config.connect.as_ref().map(Client::new),
            registry: config.registry.as_ref().map(Client::new),
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
            Some(match self.connect.as_ref()? {
                Ok(client) => connect::ask(client, &memory.connect, deadline).await,
                Err(failure) => connect::Answers::failed(failure.clone()),
            })
        };
        let registry = async {
            let topics: Vec<&str> = metadata.topics.iter().map(|topic| topic.name.as_str()).collect();
            Some(match self.registry.as_ref()? {
                Ok(client) => registry::ask(client, &memory.registry, &topics, at, deadline).await,
                Err(failure) => registry::Answers::failed(failure.clone()),
            })
        };
        let (connect, registry) = tokio::join!(connect, registry);
        Beside { connect, registry }
    }

    /// What was spent since the last call: requests sent and bytes received.
    pub fn take_cost(&self) -> (u32, u64) {
        let clients = [&self.connect, &self.registry].into_iter().flatten().flatten();
        let costs = clients.map(Client::take_cost);
        costs.fold((0, 0), |sum, cost| {
            (sum.0.saturating_add(cost.0), sum.1.saturating_add(cost.1))
        })
    }
}
