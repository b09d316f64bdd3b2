//! Everything that was learnt on one visit, before it means anything.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

use super::access::{Answers, Level};
use super::config::Config;
use super::failure::Failure;
use super::instant;
use super::leaders::Inventory;
use super::operator::AccountNames;
use super::wire::{AccountStatz, Closed, Connz, Gatewayz, Health, Leafz, Routez, ServiceStats, Varz};

/// Answers by server; `None` where the question was not due.
pub struct Gathered {
    pub at: Timestamp,
    pub level: Level,
    pub varz: Vec<(String, Varz)>,
    /// Servers that are known and did not answer, with the reason.
    pub silent: Vec<(String, Failure)>,
    pub health: Answers<Health>,
    pub jetstream: Option<Inventory>,
    pub connz: Option<Answers<Connz>>,
    pub closed: Option<Answers<Closed>>,
    pub accounts: Answers<AccountStatz>,
    pub leafz: Option<Answers<Leafz>>,
    pub gatewayz: Option<Answers<Gatewayz>>,
    pub routez: Option<Answers<Routez>>,
    pub services: Option<Vec<ServiceStats>>,
    /// The account that is logged in to, where its name is known.
    pub account: Option<String>,
    /// Names of accounts that servers also know by a public key.
    pub names: AccountNames,
    /// The version, where no server's page tells it.
    pub version: Option<String>,
    /// What could not be asked, by what is missing because of it.
    pub failures: BTreeMap<&'static str, Failure>,
}

impl Gathered {
    pub fn new(at: Timestamp, level: Level) -> Gathered {
        Gathered {
            at,
            level,
            varz: Vec::new(),
            silent: Vec::new(),
            health: Vec::new(),
            jetstream: None,
            connz: None,
            closed: None,
            accounts: Vec::new(),
            leafz: None,
            gatewayz: None,
            routez: None,
            services: None,
            account: None,
            names: AccountNames::new(),
            version: None,
            failures: BTreeMap::new(),
        }
    }

    /// When a server started, by this machine's clock; what it counts begins there.
    pub fn started(&self, server: &str) -> Option<Timestamp> {
        let (_, varz) = self.varz.iter().find(|(name, _)| name == server)?;
        let (now, start) = (instant::timestamp(&varz.now)?, instant::timestamp(&varz.start)?);
        Some(self.at.plus_millis(start.millis_since(now)))
    }

    /// Leaves out accounts that are not wanted.
    pub fn keep_accounts(&mut self, config: &Config) {
        if config.accounts.is_empty() {
            return;
        }
        let names = &self.names;
        let by_key = |account: &str| names.iter().any(|(key, name)| name == account && config.wants(key));
        let wants = |account: &str| config.wants(account) || by_key(account);
        if let Some(inventory) = &mut self.jetstream {
            inventory.streams.retain(|(account, _), _| wants(account));
            inventory.accounts.retain(|account, _| wants(account));
        }
        for statz in self.accounts.iter_mut().filter_map(|(_, answer)| answer.as_mut().ok()) {
            statz
                .accounts
                .retain(|account| config.wants(&account.acc) || config.wants(&account.name));
        }
        let connz = self.connz.iter_mut().flatten();
        for connz in connz.filter_map(|(_, answer)| answer.as_mut().ok()) {
            let before = connz.connections.len();
            connz.connections.retain(|connection| wants(&connection.account));
            connz.total -= before - connz.connections.len();
        }
    }
}

/// The answers that came, by server.
pub fn good<T>(answers: &Answers<T>) -> impl Iterator<Item = (&str, &T)> {
    answers
        .iter()
        .filter_map(|(server, answer)| Some((server.as_str(), answer.as_ref().ok()?)))
}
