//! What a configuration file says, once it is read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use brokerscope_contract::{Rule, Settings, System};

/// A whole file. Everything that was left out has its default.
#[derive(Debug, Default)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub webhook: Option<WebhookConfig>,
    pub connections: Vec<DeclaredConnection>,
    pub rules: Vec<DeclaredRule>,
}

/// `[server]`. The command line wins over each of these.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServerConfig {
    pub listen: Option<SocketAddr>,
    pub data_dir: Option<PathBuf>,
    /// Names besides the listen address under which browsers may reach the server, e.g. behind a proxy.
    pub allowed_hosts: Vec<String>,
    /// Where others reach the server, without a slash at its end: links in what is sent to them begin with it.
    pub external_url: Option<String>,
}

/// `[store]`: how much of the past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreConfig {
    /// Every measured point.
    pub keep: Duration,
    /// The coarser summaries that long charts are drawn from.
    pub keep_summaries: Duration,
    /// The oldest points go when the database grows beyond this; no limit when left out.
    pub max_size: Option<u64>,
}

impl Default for StoreConfig {
    fn default() -> StoreConfig {
        const DAY: Duration = Duration::from_secs(86_400);
        StoreConfig {
            keep: DAY * 30,
            keep_summaries: DAY * 400,
            max_size: None,
        }
    }
}

/// `[webhook]`.
#[derive(PartialEq, Eq)]
pub struct WebhookConfig {
    /// May hold a token, so it is not printed.
    pub url: String,
}

/// `[[connection]]`. The settings are in their normal form and hold the secrets, so they are not printed.
#[derive(Clone, PartialEq)]
pub struct DeclaredConnection {
    pub name: String,
    pub system: System,
    pub paused: bool,
    pub settings: Settings,
}

/// `[[rule]]`. A file names the connection, whose number is known only once it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredRule {
    pub rule: Rule,
    pub connection: Option<String>,
}

impl std::fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookConfig").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeclaredConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeclaredConnection")
            .field("name", &self.name)
            .field("system", &self.system)
            .field("paused", &self.paused)
            .finish_non_exhaustive()
    }
}
