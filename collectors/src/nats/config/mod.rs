//! The typed settings of a NATS connection, and what may be wrong with them.

mod given;

use std::time::Duration;

use brokerscope_contract::{FieldProblem, Settings};
use reqwest::Url;

use crate::given::Given;

/// Servers push their own statistics every 10 s.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 15;
pub const DEFAULT_TIMEOUT_SECONDS: u64 = 5;

/// What is needed to reach and read the servers. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Config {
    /// Addresses for clients, `nats://host:port` or `tls://host:port`; may be empty when `monitoring` is not.
    pub servers: Vec<String>,
    pub login: Login,
    /// Roots of monitoring ports, each ending with a slash.
    pub monitoring: Vec<Url>,
    pub tls: Tls,
    /// TLS begins before the server has said anything.
    pub tls_first: bool,
    /// The JetStream domain to ask, where it is not the servers' own.
    pub domain: Option<String>,
    pub inbox_prefix: Option<String>,
    /// Only these accounts; empty is all.
    pub accounts: Vec<String>,
    pub interval: Duration,
    /// Of one request.
    pub timeout: Duration,
}

impl Config {
    pub fn wants(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.iter().any(|wanted| wanted == account)
    }
}

/// Who the watcher is. Each with its secret.
#[derive(Clone)]
pub enum Login {
    Nobody,
    Password {
        user: String,
        password: String,
    },
    Token(String),
    /// The text of a `.creds` file: a JWT and the seed of its key.
    Credentials(String),
    NkeySeed(String),
}

impl Login {
    /// For sentences; no secret.
    pub fn described(&self) -> String {
        match self {
            Login::Nobody => "without a login".into(),
            Login::Password { user, .. } => format!("as {user}"),
            Login::Token(_) => "with a token".into(),
            Login::Credentials(_) => "with a credentials file".into(),
            Login::NkeySeed(_) => "with an nkey".into(),
        }
    }
}

#[derive(Clone, Default)]
pub struct Tls {
    /// PEM, trusted instead of the system's authorities.
    pub ca: Option<String>,
    /// PEM of the certificate and of its key.
    pub identity: Option<(String, String)>,
    /// Accept any certificate.
    pub insecure: bool,
}

/// Reads settings in their normal form (see the field table), or names every field that is wrong.
pub fn parse(settings: &Settings) -> Result<Config, Vec<FieldProblem>> {
    let mut given = Given::new(settings);
    let servers = given::servers(&mut given, "servers");
    let monitoring = given::urls(&mut given, "monitoring_urls");
    if servers.is_empty() && monitoring.is_empty() && given.problems.is_empty() {
        given.wrong(
            "servers",
            "and the monitoring addresses are both empty",
            "Give the address of a server, for example nats://nats-1.example:4222, or of its monitoring port.",
        );
    }
    let login = given::login(&mut given);
    let tls = given::tls(&mut given);
    let domain = given::token(&mut given, "jetstream_domain");
    let inbox_prefix = given::token(&mut given, "inbox_prefix");
    let config = Config {
        servers,
        login,
        monitoring,
        tls,
        tls_first: given.switch("tls_first", false),
        domain,
        inbox_prefix,
        accounts: given.list("accounts"),
        interval: given.seconds("interval_seconds", 5..=3_600, DEFAULT_INTERVAL_SECONDS),
        timeout: given.seconds("timeout_seconds", 1..=60, DEFAULT_TIMEOUT_SECONDS),
    };
    if given.problems.is_empty() {
        Ok(config)
    } else {
        Err(given.problems)
    }
}

#[cfg(test)]
mod tests;
