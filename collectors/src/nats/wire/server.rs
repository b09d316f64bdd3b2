//! What a server says about itself: `varz`, `statsz`, `routez`, `healthz`, and the envelope of the system account.

use serde::Deserialize;

use super::account::Refusal;
use super::jetstream::{Limits, Usage};

/// An answer of the system account: who answers, and what would stand on the monitoring page.
#[derive(Debug, Deserialize)]
pub struct Envelope<T> {
    pub server: Speaker,
    #[serde(alias = "statsz")]
    pub data: Option<T>,
    pub error: Option<Refusal>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Speaker {
    pub name: String,
}

/// The answer to a ping; only what says how many others will answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Statsz {
    pub active_servers: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Varz {
    pub server_id: String,
    pub server_name: String,
    pub version: String,
    pub cluster: Named,
    pub gateway: Gateway,
    /// Where clients reach the servers of its cluster.
    pub connect_urls: Vec<String>,
    pub start: String,
    /// The server's time of the answer.
    pub now: String,
    /// Bytes of resident memory.
    pub mem: f64,
    /// The limit that Go's collector keeps to, in bytes; 0 is none.
    pub gomemlimit: f64,
    /// Percent of one core, summed over all.
    pub cpu: f64,
    pub cores: f64,
    pub connections: f64,
    pub max_connections: f64,
    /// Bytes that may wait for one connection before it counts as a slow consumer.
    pub max_pending: f64,
    pub leafnodes: f64,
    pub subscriptions: f64,
    /// From clients only; servers before 2.12 do not tell it.
    pub in_client_msgs: Option<f64>,
    pub out_client_msgs: Option<f64>,
    pub in_client_bytes: Option<f64>,
    pub out_client_bytes: Option<f64>,
    pub slow_consumers: f64,
    pub stalled_clients: Option<f64>,
    pub jetstream: VarzJetStream,
    pub tls_cert_not_after: Option<String>,
    pub system_account: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    pub name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct VarzJetStream {
    /// Missing where JetStream is off.
    pub config: Option<Limits>,
    pub stats: Option<Usage>,
}

/// The own cluster's name, and the other clusters that are configured, connected or not.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Gateway {
    pub name: String,
    pub gateways: Vec<Named>,
}

/// Which other servers of the cluster it is connected to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Routez {
    pub routes: Vec<Route>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Route {
    pub remote_name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Health {
    pub status: String,
    pub error: String,
}
