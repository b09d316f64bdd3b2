//! Accounts: how much each one does, what an ordinary account may ask about itself, and its services.

use serde::Deserialize;

use super::jetstream::{Api, Limits};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AccountStatz {
    #[serde(rename = "account_statz")]
    pub accounts: Vec<AccountStat>,
}

/// One account on one server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AccountStat {
    /// Its id: in operator mode a public key.
    pub acc: String,
    /// Its name, or the id where it has none.
    pub name: String,
    pub conns: f64,
    pub leafnodes: f64,
    pub num_subscriptions: f64,
    pub slow_consumers: f64,
    pub sent: Traffic,
    pub received: Traffic,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Traffic {
    /// Everything, also what went between servers.
    pub msgs: f64,
    pub bytes: f64,
    pub routes: Volume,
    pub gateways: Volume,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Volume {
    pub msgs: f64,
    pub bytes: f64,
}

impl Traffic {
    /// Messages and bytes without what went between servers, which would count twice.
    pub fn outside(&self) -> (f64, f64) {
        let less = |all: f64, routes: f64, gateways: f64| (all - routes - gateways).max(0.0);
        (
            less(self.msgs, self.routes.msgs, self.gateways.msgs),
            less(self.bytes, self.routes.bytes, self.gateways.bytes),
        )
    }
}

/// `$JS.API.INFO`: what the account uses of JetStream and what it may use.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AccountInfo {
    pub memory: u64,
    pub storage: u64,
    pub limits: Limits,
    pub api: Api,
    pub error: Option<Refusal>,
}

/// Who is logged in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct UserInfo {
    pub account: String,
    pub account_name: String,
}

/// A refusal of JetStream's API or of the system account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub description: String,
}

/// One instance of a service that answers `$SRV.STATS` (the services framework of NATS' clients).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ServiceStats {
    pub name: String,
    pub id: String,
    pub version: String,
    pub started: String,
    pub endpoints: Vec<ServiceEndpoint>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ServiceEndpoint {
    pub subject: String,
    pub num_requests: f64,
    pub num_errors: f64,
    /// Nanoseconds for all requests together.
    pub processing_time: f64,
}
