//! Watches NATS: servers, accounts, JetStream's streams and consumers, and who listens to which subject.
//!
//! [`collector`] is one visit: which question after which. [`access`] holds the ways in (system account, monitoring
//! ports, ordinary account) over [`bus`] and [`ports`]; [`page`] lists the questions, [`account`] asks JetStream's API.
//! [`leaders`] picks the one report that counts out of those of all replicas, and [`map`] turns everything into a
//! snapshot. [`advisories`] listens to what is announced only once.

mod access;
mod account;
mod advisories;
#[cfg(test)]
mod apart_tests;
mod bus;
mod cadence;
mod checks;
mod clients;
mod collector;
mod config;
mod credentials;
#[cfg(test)]
mod credentials_tests;
#[cfg(test)]
mod documented_tests;
mod failure;
mod fields;
#[cfg(test)]
mod figures_tests;
mod gathered;
mod instant;
mod leaders;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod many_accounts_tests;
mod map;
#[cfg(test)]
mod map_tests;
mod memory;
mod names;
mod odometer;
mod operator;
#[cfg(test)]
mod operator_tests;
#[cfg(test)]
mod own_servers;
#[cfg(test)]
mod own_servers_tests;
mod page;
mod ports;
mod probe;
#[cfg(test)]
mod recorded;
mod refusal;
#[cfg(test)]
mod refused_tests;
#[cfg(test)]
mod replicas_tests;
mod said;
mod sites;
#[cfg(test)]
mod slow_tests;
mod tls;
mod wire;
#[cfg(test)]
mod witness_tests;
mod witnesses;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

/// The registration of this system.
pub struct Nats;

impl Factory for Nats {
    fn system(&self) -> System {
        System::Nats
    }

    fn fields(&self) -> Vec<Field> {
        fields::fields()
    }

    fn checks(&self) -> Vec<CheckDef> {
        checks::table()
    }

    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        let config = config::parse(settings)?;
        Ok(Box::new(collector::NatsCollector::new(config)))
    }
}
