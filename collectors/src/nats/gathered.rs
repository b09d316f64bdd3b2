//! Everything that was learnt on one visit, before it means anything.

use std::collections::BTreeMap;

use brokerscope_contract::Timestamp;

use super::access::{Answers, Level};
use super::failure::Failure;
use super::leaders::Inventory;
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
            version: None,
            failures: BTreeMap::new(),
        }
    }
}

/// The answers that came, by server.
pub fn good<T>(answers: &Answers<T>) -> impl Iterator<Item = (&str, &T)> {
    answers
        .iter()
        .filter_map(|(server, answer)| Some((server.as_str(), answer.as_ref().ok()?)))
}
